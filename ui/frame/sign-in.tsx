// Asks for a token when the server wants one.
import { useEffect, useState } from "react";
import { problemText } from "../data/problem.ts";
import { signIn } from "../data/session.ts";
import { Button } from "../parts/button.tsx";
import { Command } from "../parts/empty-state.tsx";
import { controlClasses, Field } from "../parts/field.tsx";

export function SignIn() {
  const [token, setToken] = useState("");
  const [problem, setProblem] = useState<string>();
  const [isBusy, setBusy] = useState(false);

  useEffect(() => {
    document.title = "Sign in · Pawl";
  }, []);
  const submit = async () => {
    setBusy(true);
    setProblem(undefined);
    try {
      await signIn(token.trim());
    } catch (error) {
      setProblem(problemText(error));
      setBusy(false);
    }
  };

  return (
    <main className="grid min-h-dvh place-items-center p-4">
      <form
        className="panel flex w-full max-w-[420px] flex-col gap-4 p-6"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <div className="flex items-center gap-3">
          <img src="/ui/icon.svg" alt="" width={32} height={32} />
          <h1 className="m-0 font-semibold text-lg">Sign in to Pawl</h1>
        </div>
        <input type="text" name="username" autoComplete="username" value="pawl" readOnly hidden />
        <Field label="Token" hint="It begins with pawl_." mistake={problem}>
          {(attributes) => (
            <input
              {...attributes}
              type="password"
              autoComplete="current-password"
              spellCheck={false}
              className={controlClasses}
              value={token}
              onChange={(event) => setToken(event.target.value)}
            />
          )}
        </Field>
        <Button type="submit" look="primary" disabled={token.trim() === "" || isBusy}>
          Sign in
        </Button>
        <div className="flex flex-col gap-2 border-line border-t pt-4 text-muted text-sm">
          <p className="m-0">No token? Whoever runs the server makes one:</p>
          <Command>pawl tokens create --name you --scope operate</Command>
        </div>
      </form>
    </main>
  );
}
