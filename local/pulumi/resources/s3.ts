import type { ServiceResources } from "../provider/resource-type";
import { bucket } from "./s3-bucket";
import { bucketObject, bucketObjectV2 } from "./s3-object";
import { bucketSettings } from "./s3-settings";

export const s3: ServiceResources = { resources: [bucket, bucketObject, bucketObjectV2, ...bucketSettings] };
