import type { StaffId, TenantId } from './model.ts';

export interface NewAccount {
  /** As the login name is typed, not escaped. */
  readonly username: string;
  readonly password: string;
  readonly name?: string;
  readonly email?: string;
}

/** Accounts of lab tenants, which test suites add and remove while everything runs. */
export interface Lab {
  /** Whether this staff user may change the accounts of this tenant now; never on a tenant that is no lab. */
  mayAdminister(tenant: TenantId, staff: StaffId): boolean;
  /**
   * `added`: they can log in. Else nothing was done: `taken` by somebody with that name, `empty` name or password,
   * something `too-long`, `no-email` address, `full` of accounts, `no-lab` (any more).
   */
  add(
    tenant: TenantId,
    account: NewAccount,
  ): Promise<'added' | 'taken' | 'empty' | 'too-long' | 'no-email' | 'full' | 'no-lab'>;
  /**
   * `removed`: their streams are closed. Else nothing was done: one of them is `unknown`, or one of those that the
   * `configuration` names.
   */
  remove(tenant: TenantId, usernames: readonly string[]): Promise<'removed' | 'unknown' | 'configuration' | 'no-lab'>;
}
