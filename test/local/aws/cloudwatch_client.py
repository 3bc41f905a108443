"""Puts and reads metrics and an alarm of the twin as a program in Python does: ADDRESS KEY. Prints what it got."""

import datetime
import json
import sys

import boto3
from botocore.config import Config

address, key = sys.argv[1:]
cloudwatch = boto3.client(
    "cloudwatch",
    endpoint_url=address,
    region_name="eu-central-1",
    aws_access_key_id=key,
    aws_secret_access_key="unused",
    config=Config(retries={"total_max_attempts": 1}),
)

now = datetime.datetime.now(datetime.timezone.utc)
hour = datetime.timedelta(hours=1)
dimensions = [{"Name": "stage", "Value": "parse"}]
cloudwatch.put_metric_data(
    Namespace="pipeline",
    MetricData=[
        {"MetricName": "Size", "Dimensions": dimensions, "Timestamp": now, "Values": [1.5, 3], "Counts": [2, 1]},
    ],
)
read = cloudwatch.get_metric_statistics(
    Namespace="pipeline",
    MetricName="Size",
    Dimensions=dimensions,
    StartTime=now - hour,
    EndTime=now + hour,
    Period=86400,
    Statistics=["Sum", "SampleCount"],
    ExtendedStatistics=["p90"],
)["Datapoints"]
cloudwatch.put_metric_alarm(
    AlarmName="large",
    Namespace="pipeline",
    MetricName="Size",
    Dimensions=dimensions,
    Statistic="Maximum",
    Period=60,
    EvaluationPeriods=1,
    Threshold=2,
    ComparisonOperator="GreaterThanThreshold",
)
cloudwatch.set_alarm_state(AlarmName="large", StateValue="ALARM", StateReason="tried")
alarm = cloudwatch.describe_alarms(AlarmNames=["large"])["MetricAlarms"][0]
pages = cloudwatch.get_paginator("describe_alarm_history").paginate(AlarmName="large", PaginationConfig={"PageSize": 1})
try:
    cloudwatch.delete_alarms(AlarmNames=["none"])
except cloudwatch.exceptions.ResourceNotFound as error:
    missing = error.response["Error"]["Code"]
try:
    cloudwatch.put_metric_data(Namespace="pipeline", MetricData=[])
except cloudwatch.exceptions.InvalidParameterValueException as error:
    refused = error.response["Error"]["Code"]

print(
    json.dumps(
        {
            "read": [{k: v for k, v in point.items() if k != "Timestamp"} for point in read],
            "alarm": [alarm["StateValue"], alarm["StateReason"], alarm["Threshold"]],
            "fresh": abs(alarm["StateUpdatedTimestamp"] - now) < hour,
            "history": [item["HistoryItemType"] for page in pages for item in page["AlarmHistoryItems"]],
            "missing": missing,
            "refused": refused,
        }
    )
)
