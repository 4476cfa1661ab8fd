/** The callback sources of the vendors that the parameter `vendors` names; each has a function. */
const { SOURCES } = require('../lib/vendors/index.ts');

module.exports.deployedSources = async (resolveVariable) => {
  const vendors = await resolveVariable('self:custom.parameters.vendors');
  return [...SOURCES.values()].filter(({ vendor }) => vendors.includes(vendor));
};
