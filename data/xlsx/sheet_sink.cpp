#include "data/xlsx/sheet_sink.hpp"

#include "data/model/unwritable_file.hpp"
#include "geo/codec/rfc3339.hpp"

#include <xlsxwriter.h>

#include <cmath>
#include <system_error>
#include <utility>

namespace diaban::data::xlsx {

namespace {

struct CloseBook {
    void operator()(lxw_workbook* book) const noexcept { workbook_close(book); }
};

constexpr std::uint32_t rows_of_sheet = LXW_ROW_MAX;
constexpr double column_width = 16; // characters: a date, a name of three words

/// A sheet's name: at most 31 characters, some of them not allowed. Ids of collections are ASCII.
std::string sheet_name(std::string const& name) {
    return name.substr(0, LXW_SHEETNAME_MAX);
}

} // namespace

struct SheetSink::State {
    std::unique_ptr<lxw_workbook, CloseBook> book;
    lxw_worksheet* sheet = nullptr;
    lxw_format* day = nullptr;
    lxw_row_t row = 0;
    std::string text;
};

namespace {

/// Writes one cell by the type of the value at hand.
struct WriteCell {
    lxw_worksheet* sheet;
    lxw_row_t row;
    lxw_col_t column;
    lxw_format* day;
    std::string& text;

    lxw_error operator()(std::monostate) const { return LXW_NO_ERROR; }
    lxw_error operator()(bool value) const {
        return worksheet_write_boolean(sheet, row, column, value ? 1 : 0, nullptr);
    }
    lxw_error operator()(std::int64_t value) const {
        constexpr std::int64_t most = std::int64_t{1} << 53;
        if (value >= -most && value <= most)
            return worksheet_write_number(sheet, row, column, static_cast<double>(value), nullptr);
        return (*this)(std::to_string(value));
    }
    lxw_error operator()(double value) const {
        if (std::isfinite(value)) return worksheet_write_number(sheet, row, column, value, nullptr);
        return (*this)(std::to_string(value));
    }
    lxw_error operator()(std::string const& value) const {
        if (value.empty()) return LXW_NO_ERROR;
        return worksheet_write_string(sheet, row, column, value.c_str(), nullptr);
    }
    lxw_error operator()(geo::Date value) const {
        // Serial days of a sheet count from 1899-12-30; those before 1900-03-01 it has wrong.
        constexpr std::int32_t first_right = -25'508;
        constexpr std::int32_t day_1970 = 25'569;
        if (value.days >= first_right)
            return worksheet_write_number(sheet, row, column,
                                          static_cast<double>(value.days + day_1970), day);
        text.clear();
        geo::codec::append_date(text, value);
        return (*this)(text);
    }
    lxw_error operator()(geo::Instant value) const {
        text.clear();
        geo::codec::append_instant(text, value);
        return worksheet_write_string(sheet, row, column, text.c_str(), nullptr);
    }
};

} // namespace

SheetSink::SheetSink(std::filesystem::path file, std::string const& sheet,
                     std::vector<std::string> const& header)
    : m_file{std::move(file)}, m_unfinished{m_file}, m_state{std::make_unique<State>()} {
    m_unfinished.replace_filename("." + m_file.filename().string() + ".unfinished");
    lxw_workbook_options options{};
    options.constant_memory = LXW_TRUE;
    m_state->book.reset(workbook_new_opt(m_unfinished.c_str(), &options));
    if (!m_state->book) fail("it cannot be made here");
    auto* const book = m_state->book.get();
    m_state->sheet = workbook_add_worksheet(book, sheet_name(sheet).c_str());
    if (m_state->sheet == nullptr) fail("the sheet cannot be made");
    m_state->day = workbook_add_format(book);
    format_set_num_format(m_state->day, "yyyy-mm-dd");
    auto* const bold = workbook_add_format(book);
    format_set_bold(bold);
    auto const last = static_cast<lxw_col_t>(header.empty() ? 0 : header.size() - 1);
    worksheet_set_column(m_state->sheet, 0, last, column_width, nullptr);
    worksheet_freeze_panes(m_state->sheet, 1, 0);
    for (std::size_t i = 0; i < header.size(); ++i)
        worksheet_write_string(m_state->sheet, 0, static_cast<lxw_col_t>(i), header[i].c_str(),
                               bold);
}

SheetSink::~SheetSink() {
    if (!m_state) return;
    m_state.reset();
    std::error_code ignored; // nothing can be said from here
    std::filesystem::remove(m_unfinished, ignored);
}

void SheetSink::append(std::span<geo::Value const> values) {
    if (++m_state->row >= rows_of_sheet) fail("a sheet holds 1,048,575 rows");
    for (std::size_t i = 0; i < values.size(); ++i) {
        auto const fault =
            std::visit(WriteCell{m_state->sheet, m_state->row, static_cast<lxw_col_t>(i),
                                 m_state->day, m_state->text},
                       values[i]);
        if (fault != LXW_NO_ERROR) fail(lxw_strerror(fault));
    }
}

void SheetSink::finish() {
    auto const fault = workbook_close(m_state->book.release());
    if (fault != LXW_NO_ERROR) fail(lxw_strerror(fault));
    std::error_code error;
    std::filesystem::rename(m_unfinished, m_file, error);
    if (error) fail(error.message());
    m_state.reset();
}

void SheetSink::fail(std::string const& reason) const {
    model::refuse_file(m_file, reason);
}

} // namespace diaban::data::xlsx
