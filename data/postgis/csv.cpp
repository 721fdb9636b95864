#include "data/postgis/csv.hpp"

#include "data/postgis/file_text.hpp"
#include "geo/error.hpp"

#include <utility>

namespace diaban::data::postgis {
namespace {

std::string without_mark(std::string text) {
    if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
    return text;
}

} // namespace

std::string CsvTable::Row::cell(std::size_t i) const {
    std::string clean;
    if (i >= cells.size()) return clean;
    bool blank = false;
    for (char const c : cells[i]) {
        if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
            blank = !clean.empty();
            continue;
        }
        if (blank) clean += ' ';
        blank = false;
        clean += c;
    }
    return clean;
}

CsvTable CsvTable::read(std::filesystem::path const& file) {
    auto const text = without_mark(file_text(file));
    CsvTable table;
    Row row{1, {""}};
    std::size_t line = 1;
    bool in_quotes = false;
    auto const end_row = [&] {
        if (row.cells.size() > 1 || !row.cells.front().empty()) table.m_rows.push_back(row);
        row = {line, {""}};
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        char const c = text[i];
        if (c == '\n') ++line;
        if (in_quotes) {
            if (c != '"')
                row.cells.back() += c;
            else if (i + 1 < text.size() && text[i + 1] == '"')
                row.cells.back() += text[++i];
            else
                in_quotes = false;
        } else if (c == '"' && row.cells.back().empty()) {
            in_quotes = true;
        } else if (c == ',') {
            row.cells.emplace_back();
        } else if (c == '\n') {
            end_row();
        } else if (c != '\r') {
            row.cells.back() += c;
        }
    }
    if (in_quotes)
        throw geo::Error{geo::Code::bad_input,
                         "unreadable-file",
                         {{"file", file.filename().string()},
                          {"reason", "line " + std::to_string(row.line) + ": quote not closed"}}};
    end_row();
    return table;
}

std::optional<std::size_t> CsvTable::column(std::string const& name) const {
    if (m_rows.empty()) return std::nullopt;
    for (std::size_t i = 0; i < m_rows.front().cells.size(); ++i)
        if (m_rows.front().cell(i) == name) return i;
    return std::nullopt;
}

} // namespace diaban::data::postgis
