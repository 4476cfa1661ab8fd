// Runs inside Artillery: gives each virtual user the next of the planned requests.

const planned = JSON.parse(require('node:fs').readFileSync(process.env.PLANNED_REQUESTS, 'utf8'));
let next = 0;

function nextRequest(request, _context, _events, done) {
  const { path, headers, body } = planned[next % planned.length];
  next += 1;
  request.url = new URL(path, request.url).href;
  request.headers = headers;
  request.body = Buffer.from(body, 'base64').toString('utf8');
  done();
}

module.exports = { nextRequest };
