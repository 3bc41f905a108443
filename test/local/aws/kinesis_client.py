"""Goes through a stream of the twin as any program in Python does: ADDRESS KEY. Prints what it got as JSON."""

import json
import sys

import boto3
from botocore.config import Config

address, key = sys.argv[1:]
kinesis = boto3.client(
    "kinesis",
    endpoint_url=address,
    region_name="eu-central-1",
    aws_access_key_id=key,
    aws_secret_access_key="unused",
    config=Config(retries={"total_max_attempts": 1}),
)


def read(shard, position="TRIM_HORIZON"):
    """The records of a shard and the ids of its children, from its beginning to its end or to the present."""
    records = []
    iterator = kinesis.get_shard_iterator(StreamName="mail", ShardId=shard, ShardIteratorType=position)["ShardIterator"]
    while iterator is not None:
        page = kinesis.get_records(ShardIterator=iterator, Limit=2)
        records += page["Records"]
        iterator = page.get("NextShardIterator")
        if iterator is None:
            return records, [child["ShardId"] for child in page["ChildShards"]]
        if page["MillisBehindLatest"] == 0:
            return records, []
    return records, []


kinesis.create_stream(StreamName="mail", ShardCount=1)
kinesis.get_waiter("stream_exists").wait(StreamName="mail", WaiterConfig={"MaxAttempts": 1})
every_byte = bytes(range(256))
put = kinesis.put_records(
    StreamName="mail",
    Records=[{"Data": every_byte, "PartitionKey": f"ключ {n}"} for n in range(5)],
)
kinesis.update_shard_count(StreamName="mail", TargetShardCount=2, ScalingType="UNIFORM_SCALING")
kinesis.put_record(StreamName="mail", Data=b"later", PartitionKey="k", ExplicitHashKey="0")

parent, children = read("shardId-000000000000")
shards = kinesis.list_shards(StreamName="mail", MaxResults=2)
more = kinesis.list_shards(NextToken=shards["NextToken"])
created = kinesis.describe_stream_summary(StreamName="mail")["StreamDescriptionSummary"]["StreamCreationTimestamp"]
try:
    kinesis.split_shard(StreamName="mail", ShardToSplit="shardId-000000000000", NewStartingHashKey="1000")
except kinesis.exceptions.InvalidArgumentException as error:
    refused = error.response["Error"]["Message"]

print(
    json.dumps(
        {
            "failed": put["FailedRecordCount"],
            "whole": all(record["Data"] == every_byte for record in parent),
            "keys": [record["PartitionKey"] for record in parent],
            "inOrder": [record["SequenceNumber"] for record in parent]
            == [record["SequenceNumber"] for record in put["Records"]],
            "children": children,
            "later": [record["Data"].decode() for record in read(children[0])[0]],
            "shards": [shard["ShardId"] for shard in shards["Shards"] + more["Shards"]],
            "ofCreation": len(kinesis.list_shards(StreamName="mail", StreamCreationTimestamp=created)["Shards"]),
            "refused": refused,
        }
    )
)
