import { randomUUID } from "node:crypto";
import { recordOnlyType } from "../provider/record-only";
import type { ServiceResources } from "../provider/resource-type";
import { document, flag, mapOf, number, required, text } from "../provider/shape";
import { arn } from "./arn";

const because = "the twin's store is not encrypted by keys; its files are for their owner only";

const key = recordOnlyType({
    type: "aws:kms/key:Key",
    arguments: {
        description: text,
        policy: document,
        bypassPolicyLockoutSafetyCheck: flag,
        customerMasterKeySpec: text,
        keyUsage: text,
        deletionWindowInDays: number,
        enableKeyRotation: flag,
        rotationPeriodInDays: number,
        isEnabled: flag,
        multiRegion: flag,
        tags: mapOf(text),
    },
    replacedBy: ["customerMasterKeySpec", "keyUsage", "multiRegion"],
    because,
    validate({ deletionWindowInDays: days = 30 }) {
        if (days >= 7 && days <= 30) return [];
        return [{ property: "deletionWindowInDays", reason: `is ${days}; it must be from 7 to 30 days` }];
    },
    id: () => randomUUID(),
    outputs: (_, keyId) => ({ keyId, arn: arn("kms", `key/${keyId}`) }),
});

const alias = recordOnlyType({
    type: "aws:kms/alias:Alias",
    arguments: { name: text, namePrefix: text, targetKeyId: required(text) },
    replacedBy: [],
    naming: { property: "name", prefixProperty: "namePrefix", maximum: 256, beginning: "alias/" },
    because,
    validate({ name }) {
        if (name === undefined || name.startsWith("alias/")) return [];
        return [{ property: "name", reason: 'must begin with "alias/"' }];
    },
    id: ({ name }) => String(name),
    outputs: ({ name, targetKeyId }) => ({
        arn: arn("kms", String(name)),
        targetKeyArn: targetKeyId.startsWith("arn:") ? targetKeyId : arn("kms", `key/${targetKeyId}`),
    }),
});

export const kms: ServiceResources = { resources: [key, alias] };
