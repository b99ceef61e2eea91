// Reads an agent as any service does that uses OpenFeature: node openfeature.mjs URL TOKEN KEY [TARGETING_KEY]
import { OpenFeature } from "@openfeature/server-sdk";
import { OFREPProvider } from "@openfeature/ofrep-provider";

const [baseUrl, token, key, targetingKey] = process.argv.slice(2);
const headers = { Authorization: `Bearer ${token}` };
await OpenFeature.setProviderAndWait(new OFREPProvider({ baseUrl, headers }));
const context = targetingKey ? { targetingKey } : {};
const details = await OpenFeature.getClient().getObjectDetails(key, { fallback: true }, context);
console.log(JSON.stringify(details));
