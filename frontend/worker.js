// The engine's worker: the page posts it the address of its own glue and its compiled module,
// so nothing is downloaded or compiled twice. The module listens for itself from then on.
self.onmessage = async ({ data: [glue, module] }) => {
  self.onmessage = null;
  const { default: start } = await import(glue);
  await start({ module_or_path: module });
};
