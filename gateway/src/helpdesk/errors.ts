import type { StaffId } from './model.ts';

/**
 * Everything that can go wrong between the gateway and a helpdesk, as a closed list.
 * Soft faults (`unreachable`, `rate-limited`) are retried with back-off; hard ones are told to the staff user.
 */
export type Fault =
  | { readonly is: 'unreachable' }
  | { readonly is: 'rate-limited'; readonly retryAfter?: number }
  /** the helpdesk said no to these credentials (unknown, wrong, or disabled: not told apart) */
  | { readonly is: 'refused' }
  /** the helpdesk says that this is not allowed for this staff user */
  | { readonly is: 'forbidden' }
  | { readonly is: 'locked' }
  | { readonly is: 'not-found' }
  /** somebody else was faster */
  | { readonly is: 'taken'; readonly by?: StaffId }
  /** the answer makes no sense */
  | { readonly is: 'protocol' };

/** What a connector throws. The message never holds a body, a password or an address. */
export class HelpdeskError extends Error {
  readonly fault: Fault;

  constructor(fault: Fault, options?: ErrorOptions) {
    super(`helpdesk: ${fault.is}`, options);
    this.name = 'HelpdeskError';
    this.fault = fault;
  }

  /** True when the same call may succeed later without anybody changing anything. */
  get soft(): boolean {
    return this.fault.is === 'unreachable' || this.fault.is === 'rate-limited';
  }
}
