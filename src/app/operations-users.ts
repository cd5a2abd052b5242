/** Operations on the users of the network services. */
import { z } from 'zod';
import { ROLES } from '../model/caller.js';
import { NEEDS } from './access.js';
import { NOTHING, operation } from './operation.js';

/** `digest`: keep what HTTP Digest needs, whether the gateway offers it or not. */
const PASSWORD = z.strictObject({ name: z.string(), password: z.string(), digest: z.boolean().optional() });

export const USER_OPERATIONS = {
  users: operation(NEEDS.users, NOTHING, ({ users }) => users.list()),

  addUser: operation(NEEDS.users, PASSWORD.extend({ role: z.enum(ROLES) }), async ({ users }, user, by) => {
    await users.add(user, by);
    return { name: user.name, role: user.role };
  }),

  setPassword: operation(NEEDS.users, PASSWORD, async ({ users }, password, by) => {
    await users.setPassword(password, by);
    return { name: password.name };
  }),

  removeUser: operation(
    NEEDS.users,
    z.strictObject({ name: z.string() }),
    async ({ users }, { name }, by) => {
      await users.remove(name, by);
      return { name };
    },
  ),
};
