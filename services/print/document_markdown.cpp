#include "services/print/document_markdown.hpp"

#include <string_view>
#include <utility>
#include <variant>

namespace diaban::services::print {

namespace {

/// Nothing of the words is markup, and they stay in one line.
std::string plain(std::string_view text) {
    std::string safe;
    for (char const c : text) {
        if (c == '\n' || c == '\r' || c == '\t') {
            safe += ' ';
            continue;
        }
        if (std::string_view{"\\`*_[]<>#|!"}.find(c) != std::string_view::npos) safe += '\\';
        safe += c;
    }
    return safe;
}

std::string run_text(Run const& run) {
    return run.strong ? "**" + plain(run.text) + "**" : plain(run.text);
}

struct Writer {
    std::string text;

    void operator()(Heading const& heading) { text += "## " + plain(heading.text) + "\n"; }
    void operator()(Note const& note) { text += "*" + plain(note.text) + "*\n"; }
    void operator()(Paragraph const& paragraph) {
        for (auto const& run : paragraph.runs) text += run_text(run);
        text += "\n";
    }
    void operator()(Table const& table) {
        for (auto const& title : table.head) text += "| " + plain(title) + " ";
        text += "|\n";
        for (std::size_t i = 0; i < table.head.size(); ++i) text += "| --- ";
        text += "|\n";
        for (auto const& row : table.rows) {
            for (auto const& cell : row) text += "| " + run_text(cell) + " ";
            text += "|\n";
        }
    }
};

} // namespace

std::string document_markdown(Document const& document) {
    Writer writer{"# " + plain(document.title) + "\n"};
    for (auto const& block : document.blocks) {
        writer.text += "\n";
        std::visit(writer, block);
    }
    return std::move(writer.text);
}

} // namespace diaban::services::print
