# gptviz in a container: the app, or with "serve" the service. Small, not root, nothing written but below /tmp.
#   docker build -t gptviz .        docker run --rm -p 8501:8501 --read-only --tmpfs /tmp gptviz
# deploy/README.md says the rest. The steps are those of the Makefile, held by tests/test_deploy.py.
ARG PYTHON=3.11-slim-bookworm

FROM python:${PYTHON} AS made
# torch alone is taken from here: elsewhere pip takes the build for GPUs, several gigabytes.
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
WORKDIR /made
COPY requirements.txt constraints.txt ./
RUN python -m venv /venv \
 && /venv/bin/python -m pip --quiet --disable-pip-version-check --no-cache-dir install --no-deps --index-url ${TORCH_INDEX} -c constraints.txt torch \
 && /venv/bin/python -m pip --quiet --disable-pip-version-check --no-cache-dir install -r requirements.txt -c constraints.txt
# Bytecode is made here, as nothing can be written later; packages bring files for other Pythons, which fail alone.
RUN /venv/bin/python -m compileall -q /venv; true
COPY app.py ./
COPY .streamlit .streamlit
COPY pages pages
COPY assets assets
COPY gptviz gptviz
RUN /venv/bin/python -m compileall -q app.py pages gptviz

FROM python:${PYTHON}
COPY --from=made /venv /venv
COPY --from=made /made /gptviz
WORKDIR /gptviz
# The number, not a name, so that whoever runs it can tell that it is not root's.
USER 10001:10001
ENV PATH=/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
    HOME=/tmp/home GPTVIZ_CACHE=/tmp/cache GPTVIZ_JOBS=/tmp/jobs OMP_NUM_THREADS=1 \
    HEALTH=http://127.0.0.1:8501/_stcore/health
EXPOSE 8501 8600
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 \
  CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(os.environ['HEALTH'], timeout=4)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["python", "-m", "gptviz"]
CMD ["app", "--public", "--address", "0.0.0.0", "--port", "8501"]
