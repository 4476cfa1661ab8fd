/** Log lines that code under test writes are kept, as those of the console, until their test fails. */
process.stdout.write = (text: string | Uint8Array) => {
  console.info(String(text).trimEnd());
  return true;
};
