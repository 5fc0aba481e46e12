import { shortenerApi } from "#core/shortener/api.schema.ts";
import type { Link } from "#core/shortener/link.schema.ts";
import { addressOf } from "../api/send.ts";
import { Icon } from "../ui/icon.tsx";
import { domainOf } from "./own-links.ts";
import { spoken } from "./result-card.tsx";

const address = (link: Link, format: "svg" | "png", size: number) =>
  addressOf(shortenerApi.qr.path, { hash: link.hash }, { format, size, ...domainOf(link) });

/** The QR code of a short URL, to look at and to take away. */
export const QrCode = ({ link }: { link: Link }) => (
  <figure className="qr">
    <img
      src={address(link, "svg", 256)}
      width="132"
      height="132"
      alt={`QR code of ${spoken(link.short_url)}`}
    />
    <figcaption className="row tight">
      {(["svg", "png"] as const).map((format) => (
        <a
          key={format}
          className="button plain"
          href={address(link, format, 1_024)}
          download={`${link.hash}.${format}`}
        >
          <Icon name="download" size={14} /> {format.toUpperCase()}
          <span className="hidden-visually"> of the QR code</span>
        </a>
      ))}
    </figcaption>
  </figure>
);
