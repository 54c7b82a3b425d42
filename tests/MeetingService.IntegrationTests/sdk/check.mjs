// Drives the service with the unmodified SDK: node check.mjs <address>. The exit code tells whether all of it held.
import assert from 'node:assert/strict';
import ConnectyCube from 'connectycube';

const [address] = process.argv.slice(2);
const sdk = ConnectyCube.default ?? ConnectyCube;
sdk.init({ appId: 1, authKey: 'key-1' }, { endpoints: { api_url: address }, debug: { mode: 0 } });
const login = `sdk-${Date.now()}-${Math.random().toString(36).slice(2)}`;

const session = await sdk.createSession({ login, password: 'sdk password' });
assert.equal(session.user.login, login);
assert.equal(typeof session.user_id, 'number');

const created = await sdk.meeting.create({ name: 'From the SDK', chat: true, attendees: [{ email: 'someone@example.org' }] });
assert.match(created._id, /^[0-9a-f]{24}$/);
assert.match(created.chat_dialog_id, /[a-f]/);
assert.equal(created.host_id, session.user_id);
assert.equal(created.record, false);
assert.equal(created.end_date - created.start_date, 3600);
assert.deepEqual(created.attendees, [{ email: 'someone@example.org' }]);

const byDefault = await sdk.meeting.create({});
assert.equal(byDefault.chat_dialog_id, null);

assert.deepEqual(await sdk.meeting.get({ _id: created._id }), created);
const all = await sdk.meeting.get();
assert.deepEqual(all.map(meeting => meeting._id), [created._id, byDefault._id]);
const some = await sdk.meeting.get({ limit: 1, offset: 1, scheduled: false, start_date: { gte: 1 }, _id: { in: [created._id, byDefault._id] } });
assert.deepEqual(some.map(meeting => meeting._id), [byDefault._id]);
assert.deepEqual(await sdk.meeting.get({ created_at: { gt: new Date(Date.now() + 60_000) } }), []);

const updated = await sdk.meeting.update(created._id, { name: 'Renamed', record: true });
assert.equal(updated.name, 'Renamed');
assert.equal(updated.record, true);
assert.deepEqual(updated.attendees, created.attendees);

await assert.rejects(sdk.meeting.update(created._id, { start_date: 'tomorrow' }), error => {
  assert.equal(error.code, 422);
  assert.match(error.info.errors.start_date[0], /unix seconds/);
  return true;
});
await sdk.meeting.delete(created._id);
await assert.rejects(sdk.meeting.get({ _id: created._id }), error => error.code === 404 && Array.isArray(error.info.errors.base));

await sdk.destroySession();
let expired = 0;
sdk.init({ appId: 1, authKey: 'key-1' }, {
  endpoints: { api_url: address },
  debug: { mode: 0 },
  on: {
    sessionExpired: (_, retry) => {
      expired++;
      sdk.createSession({ login, password: 'sdk password' }).then(retry);
    },
  },
});
sdk.setSession({ token: session.token, user_id: session.user_id });
const afterwards = await sdk.meeting.get();
assert.equal(expired, 1);
assert.deepEqual(afterwards.map(meeting => meeting._id), [byDefault._id]);

sdk.init({ appId: 1, authKey: 'wrong' }, { endpoints: { api_url: address }, debug: { mode: 0 } });
await assert.rejects(sdk.createSession({ login, password: 'x' }), error => error.code === 401);
console.log('all held');
process.exit(0);
