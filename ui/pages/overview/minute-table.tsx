// The chart of the last hour as a table, for those who do not see it.
import type { MinuteStats } from "../../../src/client/index.ts";
import { minuteTime } from "../../format/duration.ts";
import { failedIn } from "./minutes.ts";

export function MinuteTable({ minutes }: { readonly minutes: readonly MinuteStats[] }) {
  const told = minutes.filter((minute) => minute.submitted + minute.succeeded + failedIn(minute) > 0);
  return (
    <div className="sr-only">
      <table>
        <caption>Jobs in each minute of the last hour in which there were any</caption>
        <thead>
          <tr>
            <th scope="col">Minute</th>
            <th scope="col">Submitted</th>
            <th scope="col">Succeeded</th>
            <th scope="col">Failed</th>
          </tr>
        </thead>
        <tbody>
          {told.map((minute) => (
            <tr key={minute.at}>
              <th scope="row">{minuteTime(Date.parse(minute.at))}</th>
              <td>{minute.submitted}</td>
              <td>{minute.succeeded}</td>
              <td>{failedIn(minute)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
