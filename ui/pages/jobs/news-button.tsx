// What came and went since the list was read. Nothing moves under a reader's hand: it comes in when it is asked for.
import { ArrowUp } from "lucide-react";
import { plural } from "../../format/number.ts";
import { Button } from "../../parts/button.tsx";
import type { News } from "./use-news.ts";

interface NewsButtonProps {
  readonly news: News;
  readonly onShow: () => void;
}

export function NewsButton({ news: { added, left }, onShow }: NewsButtonProps) {
  const parts = [
    ...(added > 0 ? [plural(added, "new job")] : []),
    ...(left > 0 ? [`${plural(left, "job")} left the filter`] : []),
  ];
  if (parts.length === 0) return null;
  return (
    <div className="pointer-events-none sticky top-[58px] z-20 -mt-12 mb-12 flex h-0 justify-end pr-1">
      <Button
        small
        look="primary"
        className="figures pointer-events-auto h-8 rounded-full shadow-md"
        onClick={() => {
          onShow();
          scrollTo({ top: 0 });
        }}
      >
        <ArrowUp aria-hidden size={14} />
        {parts.join(" · ")}
      </Button>
    </div>
  );
}
