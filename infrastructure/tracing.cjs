/** Whether X-Ray records what the functions do, which the parameter `tracing` chooses: `off` (the default) or `on`. */
module.exports = {
  off: { lambda: false, variable: null },
  on: { lambda: true, variable: 'on' },
};
