/** Operations on the users of the network services. */
import { z } from 'zod';
import { ROLES } from '../model/caller.js';
import { NEEDS } from './access.js';
import { NOTHING, operation } from './operation.js';

export const USER_OPERATIONS = {
  users: operation(NEEDS.users, NOTHING, ({ users }) => users.list()),

  addUser: operation(
    NEEDS.users,
    z.strictObject({ name: z.string(), role: z.enum(ROLES), password: z.string() }),
    async ({ users }, { name, role, password }, by) => {
      await users.add({ name, role }, password, by);
      return { name, role };
    },
  ),

  removeUser: operation(
    NEEDS.users,
    z.strictObject({ name: z.string() }),
    async ({ users }, { name }, by) => {
      await users.remove(name, by);
      return { name };
    },
  ),
};
