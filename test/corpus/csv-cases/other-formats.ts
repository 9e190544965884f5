// What people upload by mistake, and what only looks like it.
import { type CsvCase, notCsv } from "../csv-case.ts";

const UNPACK = "Unpack it, and upload the CSV file that is in it.";
const EXPORT = "Export the table as CSV in UTF-8, and upload that.";
const DOWNLOAD = "Download the CSV file again: this may be an error page, or a sign-in page, in its place.";
const ARCHIVE = notCsv(
  "a ZIP archive or an Excel workbook (.xlsx)",
  `${UNPACK} Of a workbook, save the sheet as CSV in UTF-8.`,
);

const MISTAKES: readonly CsvCase[] = [
  { file: "gzip.csv", why: "an export that comes compressed", refused: notCsv("a file compressed with gzip", UNPACK) },
  { file: "bzip2.csv", why: "the same", refused: notCsv("a file compressed with bzip2", UNPACK) },
  { file: "xz.csv", why: "the same", refused: notCsv("a file compressed with xz", UNPACK) },
  { file: "zstd.csv", why: "the same", refused: notCsv("a file compressed with Zstandard", UNPACK) },
  { file: "zip.csv", why: "an archive that holds the file", refused: ARCHIVE },
  { file: "zip-empty.csv", why: "an archive that holds nothing", refused: ARCHIVE },
  { file: "xlsx.csv", why: "a workbook that was renamed", refused: ARCHIVE },
  { file: "7z.csv", why: "another archive", refused: notCsv("a 7-Zip archive", UNPACK) },
  { file: "rar.csv", why: "another archive", refused: notCsv("a RAR archive", UNPACK) },
  {
    file: "xls.csv",
    why: "an old workbook",
    refused: notCsv("an Excel workbook (.xls)", "Save the sheet as CSV in UTF-8, and upload that."),
  },
  { file: "pdf.csv", why: "a report", refused: notCsv("a PDF document", EXPORT) },
  { file: "rtf.csv", why: "a letter: it is all ASCII", refused: notCsv("a document in rich text (.rtf)", EXPORT) },
  { file: "png.csv", why: "a screenshot of the table", refused: notCsv("an image (PNG)", EXPORT) },
  { file: "jpeg.csv", why: "a photograph of it", refused: notCsv("an image (JPEG)", EXPORT) },
  { file: "gif.csv", why: "another image", refused: notCsv("an image (GIF)", EXPORT) },
  { file: "parquet.csv", why: "the same table in another format", refused: notCsv("a Parquet file", EXPORT) },
  { file: "sqlite.csv", why: "the database that it comes from", refused: notCsv("an SQLite database", EXPORT) },
  { file: "json-array.csv", why: "the answer of an API", refused: notCsv("JSON", EXPORT) },
  { file: "json-lines.csv", why: "one object a line", refused: notCsv("JSON", EXPORT) },
  { file: "json-bom.csv", why: "an object behind a byte order mark", refused: notCsv("JSON", EXPORT) },
  { file: "html.csv", why: "the sign-in page instead of the download", refused: notCsv("an HTML page", DOWNLOAD) },
  { file: "html-table.csv", why: "what some programs call an Excel export", refused: notCsv("an HTML page", DOWNLOAD) },
  { file: "xml.csv", why: "another format in text", refused: notCsv("an XML document", EXPORT) },
];

const LOOK_ALIKES: readonly CsvCase[] = [
  {
    file: "looks-like-json.csv",
    why: "names in brackets, as SQL Server writes them",
    columns: ["[id]", "[name]"],
    records: [[2, "1", "Ada"]],
    refused: null,
  },
  {
    file: "looks-like-html.csv",
    why: "names in angle brackets, as trading programs write them",
    columns: ["<TICKER>", "<DATE>", "<CLOSE>"],
    records: [[2, "ACME", "20240102", "1.5"]],
    refused: null,
  },
  {
    file: "looks-like-sylk.csv",
    why: "begins with ID, which Excel takes for another format",
    delimiter: ";",
    columns: ["ID", "PRICE"],
    records: [[2, "1", "2,50"]],
    refused: null,
  },
  {
    file: "looks-like-zip.csv",
    why: "begins with PK, as an archive does",
    columns: ["PK", "name"],
    records: [[2, "1", "Ada"]],
    refused: null,
  },
  {
    file: "looks-like-image.csv",
    why: "begins with GIF",
    columns: ["GIF", "PNG", "BM"],
    records: [[2, "1", "2", "3"]],
    refused: null,
  },
];

export const OTHER_FORMATS: readonly CsvCase[] = [...MISTAKES, ...LOOK_ALIKES];
