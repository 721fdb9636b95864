#include "data/xlsx/marked_sheet.hpp"

#include "geo/error.hpp"

#include <unistd.h>
#include <xlsxwriter.h>

#include <array>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>

namespace diaban::data::xlsx {

namespace {

constexpr double code_width = 14;
constexpr double name_width = 36;
constexpr double value_width = 18;
constexpr lxw_color_t grey = 0xE4E9EE;
constexpr lxw_color_t red = 0xFFC7CE;
constexpr lxw_color_t dark_red = 0x9C0006;

constexpr std::time_t made_at = 946'684'800; // 2000-01-01: the same cells are the same bytes

[[noreturn]] void fail(std::string const& reason) {
    throw geo::Error{
        geo::Code::internal, "unwritable-file", {{"file", "xlsx"}, {"reason", reason}}, reason};
}

/// A file of this process's own, gone with this.
class Scratch {
public:
    Scratch() {
        auto name = (std::filesystem::temp_directory_path() / "diaban-form-XXXXXX").string();
        int const file = mkstemp(name.data());
        if (file < 0) fail("no room for a file");
        close(file);
        m_file = name;
    }
    Scratch(Scratch const&) = delete;
    Scratch& operator=(Scratch const&) = delete;
    ~Scratch() {
        std::error_code ignored; // nothing can be said from here
        std::filesystem::remove(m_file, ignored);
    }
    [[nodiscard]] std::filesystem::path const& file() const noexcept { return m_file; }

private:
    std::filesystem::path m_file;
};

std::array<lxw_format*, 4> make_looks(lxw_workbook* book) {
    std::array<lxw_format*, 4> looks{};
    for (auto& look : looks) look = workbook_add_format(book);
    auto* const head = looks[std::size_t(Look::head)];
    format_set_bold(head);
    format_set_bg_color(head, grey);
    format_set_text_wrap(head);
    format_set_border(looks[std::size_t(Look::input)], LXW_BORDER_THIN);
    auto* const marked = looks[std::size_t(Look::marked)];
    format_set_bg_color(marked, red);
    format_set_font_color(marked, dark_red);
    format_set_border(marked, LXW_BORDER_THIN);
    return looks;
}

void write(lxw_worksheet* sheet, lxw_row_t row, lxw_col_t column, MarkedCell const& cell,
           lxw_format* look) {
    lxw_error fault = LXW_NO_ERROR;
    if (auto const* const number = std::get_if<double>(&cell.value))
        fault = worksheet_write_number(sheet, row, column, *number, look);
    else if (auto const* const text = std::get_if<std::string>(&cell.value); text && !text->empty())
        fault = worksheet_write_string(sheet, row, column, text->c_str(), look);
    else if (cell.look != Look::plain)
        fault = worksheet_write_blank(sheet, row, column, look);
    if (fault == LXW_NO_ERROR && !cell.note.empty())
        fault = worksheet_write_comment(sheet, row, column, cell.note.c_str());
    if (fault != LXW_NO_ERROR) fail(lxw_strerror(fault));
}

} // namespace

std::string write_marked_sheet(std::string const& name,
                               std::vector<std::vector<MarkedCell>> const& rows,
                               std::uint32_t frozen_rows) {
    Scratch const scratch;
    auto* const book = workbook_new(scratch.file().c_str());
    if (book == nullptr) fail("no room for a workbook");
    auto* const sheet = workbook_add_worksheet(book, name.c_str());
    if (sheet == nullptr) {
        workbook_close(book);
        fail("no sheet of this name");
    }
    lxw_doc_properties properties{};
    properties.created = made_at;
    workbook_set_properties(book, &properties);
    auto const looks = make_looks(book);
    worksheet_set_column(sheet, 0, 0, code_width, nullptr);
    worksheet_set_column(sheet, 1, 1, name_width, nullptr);
    worksheet_set_column(sheet, 2, LXW_COL_MAX - 1, value_width, nullptr);
    worksheet_freeze_panes(sheet, frozen_rows, 2);
    try {
        for (std::size_t r = 0; r < rows.size(); ++r)
            for (std::size_t c = 0; c < rows[r].size(); ++c)
                write(sheet, lxw_row_t(r), lxw_col_t(c), rows[r][c],
                      looks[std::size_t(rows[r][c].look)]);
    } catch (...) {
        workbook_close(book);
        throw;
    }
    if (auto const fault = workbook_close(book); fault != LXW_NO_ERROR) fail(lxw_strerror(fault));
    std::string bytes(std::filesystem::file_size(scratch.file()), '\0');
    std::ifstream in{scratch.file(), std::ios::binary};
    if (!in.read(bytes.data(), std::streamsize(bytes.size()))) fail("the workbook is gone");
    return bytes;
}

} // namespace diaban::data::xlsx
