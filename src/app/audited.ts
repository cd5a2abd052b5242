/**
 * A product whose every change is recorded, whoever asks and by whatever way: the request before it is carried out, what
 * became of it before it is answered. A request of which the second is missing was cut off: nobody knows whether it was done.
 */
import type { Caller } from '../model/caller.js';
import { NwgateError } from '../model/errors.js';
import type { Gateway } from './api.js';
import type { Changed, Replaced } from './changes.js';
import type { Objects } from './objects.js';
import type { Product } from './operation.js';
import type { Asked, Audit, Outcome, Revised, Users } from './ports.js';
import { oneAtATime } from './queue.js';
import type { Log } from './state.js';

/** Runs a request and records it; `revised` tells afterwards what it changed. */
type Record = <T>(asked: Asked, work: () => Promise<T>, revised?: () => readonly Revised[]) => Promise<T>;

/** As Product, with `objects` for the requests that fail before they reach the gateway. */
export interface AuditedProduct<U extends Users> extends Product {
  readonly users: Omit<U, keyof Users> & Users;
  /** Records what is refused to a client before it becomes a request to the gateway. */
  audited(objects: Objects): Objects;
}

export function auditedProduct<U extends Users>(
  { gateway, users }: { readonly gateway: Gateway; readonly users: U },
  audit: Audit,
  log: Log,
): AuditedProduct<U> {
  const told = new WeakSet<object>();
  const record: Record = async (asked, work, revised = () => []) => {
    const end = await audit.begin(asked);
    const conclude = (outcome: Outcome) =>
      // The change is made or is not: the answer must say so even where the record cannot.
      end(outcome).catch((error: Error) =>
        log.warn({ reason: error.message }, 'the audit log cannot be written'),
      );
    try {
      const result = await work();
      await conclude({ outcome: 'done', changes: revised() });
      return result;
    } catch (error) {
      if (error instanceof Error) told.add(error);
      const code = error instanceof NwgateError ? error.code : 'INTERNAL';
      const objects = asked.objects.length > 0 ? [] : faulted(error);
      await conclude({ outcome: 'refused', code, ...(objects.length > 0 && { objects }) });
      throw error;
    }
  };
  return {
    gateway: auditedGateway(gateway, record),
    users: { ...users, ...auditedUsers(users, record) },
    audited: (objects) => auditedObjects(objects, record, told),
  };
}

/** The filters that an error's faults name. */
function faulted(error: unknown): readonly string[] {
  const faults = error instanceof NwgateError ? error.faults : [];
  return filters([...new Set(faults.map(({ where }) => where?.filter))]);
}

function auditedGateway(gateway: Gateway, record: Record): Gateway {
  const exclusively = oneAtATime();
  const revisions = revisionsOf(gateway);
  let seen: Revised[] = [];
  gateway.onChange((change) => seen.push(...revisions.follow(change)));
  /** One at a time, so that what changes meanwhile was changed by this request. */
  const change = <T>(operation: string, objects: readonly string[], by: Caller, work: () => Promise<T>) =>
    exclusively(() => {
      seen = [];
      return record({ operation, objects, by }, work, () => seen);
    });

  return {
    ...gateway,
    define: (document, options, by) =>
      change('define', filters([options.edited?.name]), by, () => gateway.define(document, options, by)),
    putFilters: (wanted, by) =>
      change('putFilters', filters(wanted.map(({ filter }) => filter.name)), by, () =>
        gateway.putFilters(wanted, by),
      ),
    undefine: (name, by, expected) =>
      change('undefine', filters([name]), by, () => gateway.undefine(name, by, expected)),
    createFrom: (name, newName, by) =>
      change('createFrom', filters([newName]), by, () => gateway.createFrom(name, newName, by)),
    bind: (binding, options, by) =>
      change('bind', [`port ${binding.port}`], by, () => gateway.bind(binding, options, by)),
    unbind: (port, by, expected) =>
      change('unbind', [`port ${port}`], by, () => gateway.unbind(port, by, expected)),
    hook: (call, by) =>
      change(`hook ${call.operation}`, [`machine ${call.vm}`], by, () => gateway.hook(call, by)),
    importPolicy: (request, by) =>
      request.dryRun
        ? gateway.importPolicy(request, by)
        : change('import', filters([request.name]), by, () => gateway.importPolicy(request, by)),
    verify: (repair, by) =>
      repair ? change('repair', [], by, () => gateway.verify(repair, by)) : gateway.verify(repair, by),
  };
}

function filters(names: readonly (string | undefined)[]): readonly string[] {
  return names.flatMap((name) => (name === undefined ? [] : [`filter ${name}`]));
}

/** Follows the revisions: the store gives 1 to what is new, and one more with every change. */
function revisionsOf(gateway: Gateway) {
  const now = new Map<string, number>();
  for (const { value, revision } of gateway.filters()) now.set(`filter ${value.name}`, revision);
  for (const { port, revision } of gateway.bindings()) now.set(`port ${port}`, revision);
  const follow = (kind: string, replaced: ReadonlyMap<string, Replaced<unknown>>): Revised[] =>
    [...replaced].map(([name, { after: value }]) => {
      const object = `${kind} ${name}`;
      const before = now.get(object) ?? 0;
      const after = value === undefined ? 0 : before + 1;
      if (after === 0) now.delete(object);
      else now.set(object, after);
      return { object, before, after };
    });
  return {
    follow: ({ filters, bindings }: Changed) => [...follow('filter', filters), ...follow('port', bindings)],
  };
}

function auditedUsers(users: Users, record: Record): Pick<Users, 'add' | 'setPassword' | 'remove'> {
  const change = (operation: string, name: string, by: Caller, work: () => Promise<void>) =>
    record({ operation, objects: [`user ${name}`], by }, work);
  return {
    add: (user, by) => change('addUser', user.name, by, () => users.add(user, by)),
    setPassword: (password, by) =>
      change('setPassword', password.name, by, () => users.setPassword(password, by)),
    remove: (name, by) => change('removeUser', name, by, () => users.remove(name, by)),
  };
}

const isDenial = (error: unknown) => error instanceof NwgateError && error.code === 'ACCESS_DENIED';

/** What reached the gateway is recorded there; `told` holds the errors that have been. */
function auditedObjects(objects: Objects, record: Record, told: WeakSet<object>): Objects {
  const change = async <T>(operation: string, className: string, by: Caller, work: () => Promise<T>) => {
    try {
      return await work();
    } catch (error) {
      if (error instanceof Error && told.has(error)) throw error;
      // A call that fails for another reason may have been one that only reads.
      if (operation.startsWith('invoke') && !isDenial(error)) throw error;
      return record({ operation, objects: [`class ${className}`], by }, () => Promise.reject(error));
    }
  };
  return {
    ...objects,
    modify: (path, wanted, by) =>
      change('modify', path.className, by, () => objects.modify(path, wanted, by)),
    create: (namespace, wanted, by) =>
      change('create', wanted.className, by, () => objects.create(namespace, wanted, by)),
    remove: (path, by) => change('delete', path.className, by, () => objects.remove(path, by)),
    invoke: (path, method, parameters, by) =>
      change(`invoke ${method}`, path.className, by, () => objects.invoke(path, method, parameters, by)),
  };
}
