// Reads and changes a tenant with Google's own client for Node; it prints one JSON object.
import { createRequire } from "node:module";

const require = createRequire(`${process.env.CLIENT}/`);
const { admin } = require("@googleapis/admin");
const { cloudidentity } = require("@googleapis/cloudidentity");
const { JWT } = require("google-auth-library");

const key = JSON.parse(process.env.KEY);
const scopes = [
  "admin.directory.user", "admin.directory.group", "admin.directory.rolemanagement", "admin.directory.orgunit",
  "cloud-identity.policies",
].map((name) => `https://www.googleapis.com/auth/${name}`);
const auth = new JWT({ email: key.client_email, key: key.private_key, scopes, subject: process.env.ADMINISTRATOR });
const directory = admin({ version: "directory_v1", auth });
const identity = cloudidentity({ version: "v1", auth });
const customer = "my_customer";

async function all(list, asked, name) {
  const rows = [];
  let pageToken;
  do {
    const { data } = await list({ ...asked, pageToken });
    rows.push(...(data[name] ?? []));
    pageToken = data.nextPageToken;
  } while (pageToken);
  return rows;
}

const users = await all((asked) => directory.users.list(asked), { customer, query: "isSuspended=False" }, "users");
const groups = await all((asked) => directory.groups.list(asked), { customer }, "groups");
const roles = await all((asked) => directory.roles.list(asked), { customer }, "items");
const policies = await all((asked) => identity.policies.list(asked), { pageSize: 50 }, "policies");
const { data: units } = await directory.orgunits.list({ customerId: customer, type: "all" });
const address = "added-by-node@elsewhere.example";
await directory.members.insert({ groupKey: groups[0].id, requestBody: { email: address, role: "MEMBER" } });

process.stdout.write(JSON.stringify({
  users: users.map((user) => user.primaryEmail),
  groups: groups.map((group) => group.email),
  roles: roles.map((role) => role.roleName),
  policies: policies.map((policy) => policy.setting.type),
  units: units.organizationUnits.map((unit) => unit.orgUnitPath),
  added: address,
}));
