/** How the templates name resources and refer to them. */

/** The service's name and stage, with which the names of its resources begin; the namespace of its metrics too. */
const PREFIX = '${self:custom.prefix}';

const reference = (id) => ({ Ref: id });
const attribute = (id, name) => ({ 'Fn::GetAtt': [id, name] });
const arn = (id) => attribute(id, 'Arn');

/** The role of a function: `RongcloudRecordingRole` of `rongcloud-recording`. */
function roleId(name) {
  const words = name.split('-').map((word) => word[0].toUpperCase() + word.slice(1));
  return `${words.join('')}Role`;
}

module.exports = { PREFIX, arn, attribute, reference, roleId };
