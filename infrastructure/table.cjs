/**
 * What becomes of the table with the stack, which the parameter `tableProtection` chooses: `on` (the default) keeps it and
 * refuses to delete it, `off` deletes it with the stack.
 */
module.exports = {
  on: { deletionPolicy: 'Retain', isProtected: true },
  off: { deletionPolicy: 'Delete', isProtected: false },
};
