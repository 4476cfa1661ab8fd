"""AWS as the rehearsal needs it: a moto server with stand-ins for the resource types that moto's CloudFormation lacks.

Usage: aws.py <port>
"""

import sys
from uuid import uuid4

from moto.awslambda.models import LambdaBackend
from moto.cloudformation import models, parsing
from moto.core.common_models import CloudFormationModel
from moto.events.models import EventBus
from moto.server import main

STAND_INS = [
    "AWS::ApiGateway::Account",
    "AWS::ApiGatewayV2::Api",
    "AWS::ApiGatewayV2::ApiMapping",
    "AWS::ApiGatewayV2::DomainName",
    "AWS::ApiGatewayV2::Integration",
    "AWS::ApiGatewayV2::Route",
    "AWS::ApiGatewayV2::Stage",
    "AWS::CloudWatch::Alarm",
    "AWS::Lambda::Url",
    "AWS::S3::BucketPolicy",
    "AWS::SQS::QueuePolicy",
    "AWS::WAFv2::WebACL",
    "AWS::WAFv2::WebACLAssociation",
]


def stand_in(resource_type):
    """A resource that has an id and attributes, and does nothing."""

    class StandIn(CloudFormationModel):
        # moto takes the second part for the name of the service.
        __module__ = "moto.rehearsal"

        def __init__(self):
            self.physical_resource_id = uuid4().hex[:10]

        @staticmethod
        def cloudformation_type():
            return resource_type

        @staticmethod
        def cloudformation_name_type():
            return ""

        @classmethod
        def create_from_cloudformation_json(cls, *_args, **_kwargs):
            return cls()

        @classmethod
        def update_from_cloudformation_json(cls, original_resource, **_kwargs):
            return original_resource

        @classmethod
        def delete_from_cloudformation_json(cls, *_args):
            pass

        def get_cfn_attribute(self, attribute):
            if attribute == "ApiEndpoint":
                return f"https://{self.physical_resource_id}.execute-api.us-east-1.amazonaws.com"
            if attribute == "FunctionUrl":
                return f"https://{self.physical_resource_id}.lambda-url.us-east-1.on.aws/"
            return f"{self.physical_resource_id}.{attribute}"

    return StandIn


apply = models.ChangeSet.apply


def apply_with_outputs(change_set):
    """moto would show the outputs of the stack's first template for ever."""
    apply(change_set)
    change_set.stack.template = change_set.template
    change_set.stack._parse_template()
    change_set.stack.output_map = change_set.stack._create_output_map()


delete = parsing.ResourceMap.delete


def delete_unless_kept(resources):
    """moto knows one of the two policies that keep what was created."""
    for definition in resources._resource_json_map.values():
        if definition.get("DeletionPolicy") == "RetainExceptOnCreate":
            definition["DeletionPolicy"] = "Retain"
    delete(resources)


models.ChangeSet.apply = apply_with_outputs
parsing.ResourceMap.delete = delete_unless_kept
# The rehearsal invokes the functions, and moto cannot hand on items with bytes in them.
LambdaBackend.send_dynamodb_items = lambda *_args: True
# Without an id, a reference to a bus would be the object itself.
EventBus.physical_resource_id = property(lambda bus: bus.name)
# cfn-lint looks at the templates on its own, for every region.
models.validate_template_cfn_lint = lambda _template: []
parsing.get_model_map().update({name: stand_in(name) for name in STAND_INS})
main(["-p", sys.argv[1]])
