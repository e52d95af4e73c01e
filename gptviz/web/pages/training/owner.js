// By what this browser's trainings are told from others': the token is that of all pages that show them.

export { ownerToken } from "../../kit/owner.js";
