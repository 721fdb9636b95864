#include "services/api/html.hpp"

#include <fmt/format.h>

namespace diaban::services::api {

namespace {

constexpr std::string_view style = R"(
:root{color-scheme:light dark;--text:#16212b;--muted:#51606e;--line:#d5dae0;--action:#0b5fad;--surface:#fff}
@media(prefers-color-scheme:dark){:root{--text:#e8eef4;--muted:#a9b6c2;--line:#33414d;--action:#6cb6ff;--surface:#18212a}}
*{box-sizing:border-box}body{margin:0 auto;max-width:72rem;padding:1rem;font:16px/1.5 "Be Vietnam Pro","Noto Sans",sans-serif;color:var(--text);background:var(--surface)}
header{display:flex;justify-content:space-between;border-bottom:1px solid var(--line);margin-bottom:1rem;padding-bottom:.5rem}
a{color:var(--action)}h1{font-size:28px;line-height:1.45}p.muted,.muted{color:var(--muted)}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{border-bottom:1px solid var(--line);padding:4px 8px;text-align:left;vertical-align:top}
.scroll{overflow-x:auto}
figure{margin:0 0 1rem}figcaption{font-size:14px}
.sketch{width:100%;max-height:60vh;border:1px solid var(--line);font:12px "Noto Sans",sans-serif}
.sketch path{fill:none;stroke:var(--action);stroke-width:1.5}.sketch .area{fill:var(--action);fill-opacity:.18;fill-rule:evenodd;stroke-width:1}
.sketch circle{fill:var(--action);stroke:var(--surface)}.sketch .bar{stroke:var(--text);stroke-width:2}.sketch text{fill:var(--text)}
)";

} // namespace

std::string escape(std::string_view text) {
    std::string safe;
    safe.reserve(text.size());
    for (char c : text) {
        switch (c) {
        case '&': safe += "&amp;"; break;
        case '<': safe += "&lt;"; break;
        case '>': safe += "&gt;"; break;
        case '"': safe += "&quot;"; break;
        case '\'': safe += "&#39;"; break;
        default: safe += c;
        }
    }
    return safe;
}

std::string_view word(http::Language language, std::string_view vi, std::string_view en) {
    return language == http::Language::en ? en : vi;
}

std::string page(http::Language language, std::string_view title, std::string_view body) {
    auto const other = language == http::Language::en ? "vi" : "en";
    return fmt::format(
        R"(<!doctype html><html lang="{0}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>{1} · Địa bàn</title><style>{2}</style></head><body><header><a href="/">Địa bàn</a><nav><a href="/collections">{3}</a> · <a href="/console/">{4}</a> · <a href="/api?f=html">API</a> · <a href="?lang={5}&amp;f=html" hreflang="{5}">{6}</a></nav></header><main><h1>{1}</h1>{7}</main></body></html>)",
        to_string(language), escape(title), style, word(language, "Lớp dữ liệu", "Collections"),
        word(language, "Bản đồ", "Map"), other, word(language, "English", "Tiếng Việt"), body);
}

} // namespace diaban::services::api
