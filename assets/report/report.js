// The step that is pointed at or clicked is marked in every column and in the tables. Without this script all is readable.
(() => {
  let held = null;
  const mark = (step) => {
    for (const seen of document.querySelectorAll(".at")) seen.classList.remove("at");
    if (step === null) return;
    for (const part of document.querySelectorAll("[data-first]")) {
      if (Number(part.dataset.first) <= step && step < Number(part.dataset.stop)) part.classList.add("at");
    }
  };
  const stepOf = (event) => {
    const part = event.target instanceof Element ? event.target.closest("[data-first]") : null;
    return part ? Number(part.dataset.first) : null;
  };
  document.addEventListener("mouseover", (event) => { if (held === null) mark(stepOf(event)); });
  document.addEventListener("click", (event) => { const step = stepOf(event); held = step === held ? null : step; mark(step); });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") { held = null; mark(null); } });
})();
