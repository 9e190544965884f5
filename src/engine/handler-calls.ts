// The calls that a handler makes on its context. One that nobody awaits must not bring the process down when it is refused,
// none begins once the attempt is over, and an attempt is not over before its steps and journal entries are.

export interface HandlerCalls {
  /** Makes a call of the method `name`. Rejects with a `TypeError` when the attempt is over. */
  make<T>(name: string, call: () => Promise<T>): Promise<T>;
  /** As `make`, and `end` waits for it; refused as soon as the handler has ended. */
  hold<T>(name: string, call: () => Promise<T>): Promise<T>;
  /** The handler has ended. Resolves when none of the calls that are held is under way any more: the attempt is over. */
  end(): Promise<void>;
}

export function createHandlerCalls(): HandlerCalls {
  const held = new Set<Promise<unknown>>();
  let hasEnded = false;
  let isOver = false;

  const start = <T>(name: string, isRefused: boolean, call: () => Promise<T>): Promise<T> => {
    const result = isRefused ? Promise.reject(lateCall(name)) : call();
    // Whoever awaits the result still gets the rejection.
    result.catch(() => {});
    return result;
  };

  return {
    make: (name, call) => start(name, isOver, call),
    hold(name, call) {
      const result = start(name, hasEnded, call);
      held.add(result);
      const forget = () => held.delete(result);
      result.then(forget, forget);
      return result;
    },
    async end() {
      hasEnded = true;
      await Promise.allSettled(held);
      isOver = true;
    },
  };
}

function lateCall(name: string): TypeError {
  return new TypeError(`job.${name} was called after the handler had ended. Await every call before it ends.`);
}
