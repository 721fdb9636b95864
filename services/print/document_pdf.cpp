#include "services/print/document_pdf.hpp"

#include "services/print/page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <variant>

namespace diaban::services::print {

namespace {

constexpr double width = page_width - 2 * margin;
constexpr double foot_line = page_height - margin - 4;
constexpr double bottom = foot_line - 8;
constexpr double body_size = 10.5;
constexpr double cell_size = 9;
constexpr double note_size = 8;
constexpr double cell_pad = 3;

/// Columns of nothing but digits; the first names what stands beside it and is none.
std::vector<bool> columns_of_figures(Table const& table) {
    std::vector<bool> figures(table.head.size(), !table.rows.empty());
    figures[0] = false;
    for (auto const& row : table.rows)
        for (std::size_t i = 0; i < row.size(); ++i)
            if (row[i].text.find_first_not_of("0123456789") != std::string::npos)
                figures[i] = false;
    return figures;
}

/// How the columns of a table are laid out.
struct Columns {
    std::vector<double> widths;
    std::vector<bool> figures; ///< to the right
};

/// A document being drawn, page after page.
class Sheet {
public:
    /// `pages`   how many there will be; 0 where that is being found out.
    Sheet(std::string& bytes, Letterhead const& letterhead, int pages)
        : m_page{bytes}, m_letterhead{letterhead}, m_pages{pages} {
        draw_foot();
    }

    void draw_head(std::string const& title) {
        double const right = page_width - margin - width / 4;
        double const left = margin + width / 4;
        m_page.text(m_letterhead.issuer, {left, m_y + 6}, 9.5, Anchor::middle, true);
        m_page.text(m_letterhead.motto[0], {right, m_y + 6}, 9.5, Anchor::middle, true);
        double const long_line =
            m_page.text(m_letterhead.motto[1], {right, m_y + 20}, 10, Anchor::middle, true);
        m_page.line({left - 30, m_y + 16}, {left + 30, m_y + 16}, 0.6);
        m_page.line({right - long_line / 2, m_y + 29}, {right + long_line / 2, m_y + 29}, 0.6);
        m_y += 48;
        Words const words{m_page, markup_of(title, true), 15, width * 0.86};
        draw_middle(words);
        m_y += words.height() + 4;
    }
    void operator()(Heading const& heading) {
        Words const words{m_page, markup_of(heading.text, true), 12, width};
        need(10 + words.height() + 60); // not alone at the foot
        m_y += 10;
        words.draw({margin, m_y});
        m_y += words.height() + 3;
    }
    void operator()(Paragraph const& paragraph) {
        std::string markup;
        for (auto const& run : paragraph.runs) markup += markup_of(run.text, run.strong);
        put({m_page, markup, body_size, width}, 3);
    }
    void operator()(Note const& note) {
        cairo_set_source_rgb(m_page.pen(), 0.3, 0.3, 0.3);
        put({m_page, "<i>" + markup_of(note.text) + "</i>", note_size, width}, 4);
        cairo_set_source_rgb(m_page.pen(), 0, 0, 0);
    }
    void operator()(Table const& table) {
        Columns const columns{column_widths(table), columns_of_figures(table)};
        std::vector<Run> head;
        for (auto const& title : table.head) head.push_back({title, true});
        need(50);
        m_y += 3;
        draw_row(head, columns, true);
        for (auto const& row : table.rows) {
            if (m_y + row_height(row, columns.widths) > bottom && m_y > margin + 40) {
                turn();
                draw_row(head, columns, true);
            }
            draw_row(row, columns, false);
        }
        m_y += 5;
    }
    void draw_map(SituationMap const& map) {
        turn();
        if (m_pages > 0) draw_situation_map(m_page, map, margin, bottom);
    }
    /// Gives how many pages there are.
    int finish() {
        m_page.finish();
        return m_number;
    }

private:
    void draw_foot() const {
        m_page.line({margin, foot_line - 8}, {page_width - margin, foot_line - 8}, 0.4);
        m_page.text(m_letterhead.foot, {margin, foot_line}, 8);
        m_page.text(fmt::format("{} {}/{}", m_letterhead.page_word, m_number, m_pages),
                    {page_width - margin, foot_line}, 8, Anchor::right);
    }
    void turn() {
        m_page.turn();
        ++m_number;
        draw_foot();
        m_y = margin;
    }
    void need(double height) {
        if (m_y + height > bottom) turn();
    }
    void draw_middle(Words const& words) const {
        words.draw({margin + (width - words.width()) / 2, m_y});
    }
    void put(Words const& words, double after) {
        need(words.height());
        words.draw({margin, m_y});
        m_y += words.height() + after;
    }

    /// Columns that ask for less than their share get that; the others share what is left.
    [[nodiscard]] std::vector<double> column_widths(Table const& table) const {
        std::vector<double> natural(table.head.size());
        auto const ask = [&](std::size_t column, std::string const& text) {
            Words const words{m_page, markup_of(text, true), cell_size};
            natural[column] = std::max(natural[column], words.width() + 2 * cell_pad + 1);
        };
        for (std::size_t i = 0; i < table.head.size(); ++i) ask(i, table.head[i]);
        for (auto const& row : table.rows)
            for (std::size_t i = 0; i < row.size(); ++i) ask(i, row[i].text);
        std::vector<std::size_t> order(natural.size());
        std::iota(order.begin(), order.end(), 0);
        std::ranges::sort(order, {}, [&](std::size_t column) { return natural[column]; });
        double left = width;
        for (std::size_t i = 0; i < order.size(); ++i) {
            auto& asked = natural[order[i]];
            asked = std::min(asked, left / static_cast<double>(order.size() - i));
            left -= asked;
        }
        return natural;
    }
    [[nodiscard]] std::vector<std::unique_ptr<Words>>
    cells(std::vector<Run> const& row, std::vector<double> const& widths) const {
        std::vector<std::unique_ptr<Words>> all;
        for (std::size_t i = 0; i < row.size(); ++i)
            all.push_back(std::make_unique<Words>(m_page, markup_of(row[i].text, row[i].strong),
                                                  cell_size, widths[i] - 2 * cell_pad));
        return all;
    }
    static double height_of(std::vector<std::unique_ptr<Words>> const& all) {
        double height = 0;
        for (auto const& one : all) height = std::max(height, one->height());
        return height + 2;
    }
    [[nodiscard]] double row_height(std::vector<Run> const& row,
                                    std::vector<double> const& widths) const {
        return height_of(cells(row, widths));
    }
    /// What is higher than the page goes on, line by line, on the next.
    void draw_row(std::vector<Run> const& row, Columns const& columns, bool head) {
        auto const& widths = columns.widths;
        auto const all = cells(row, widths);
        double const whole = height_of(all);
        double const line = Words{m_page, "X", cell_size}.height();
        for (double drawn = 0; drawn < whole;) {
            double slice = std::min(whole - drawn, bottom - m_y);
            if (slice < whole - drawn) slice = std::floor(slice / line) * line;
            draw_slice(all, columns, {drawn, slice}, head);
            drawn += slice;
            m_y += slice;
            if (drawn < whole) turn();
        }
        cairo_set_source_rgb(m_page.pen(), 0.6, 0.6, 0.6);
        double const right = margin + std::accumulate(widths.begin(), widths.end(), 0.0);
        m_page.line({margin, m_y}, {right, m_y}, 0.4);
        cairo_set_source_rgb(m_page.pen(), 0, 0, 0);
    }
    struct Slice {
        double from;
        double height;
    };
    void draw_slice(std::vector<std::unique_ptr<Words>> const& all, Columns const& columns,
                    Slice slice, bool head) const {
        auto* const pen = m_page.pen();
        auto const& widths = columns.widths;
        double const right = std::accumulate(widths.begin(), widths.end(), 0.0);
        cairo_save(pen);
        cairo_rectangle(pen, margin, m_y, right, slice.height);
        if (head) {
            cairo_set_source_rgb(pen, 0.92, 0.93, 0.94);
            cairo_fill_preserve(pen);
            cairo_set_source_rgb(pen, 0, 0, 0);
        }
        cairo_clip(pen);
        double x = margin;
        for (std::size_t i = 0; i < all.size(); ++i) {
            bool const number = columns.figures[i];
            all[i]->draw({number ? x + widths[i] - cell_pad : x + cell_pad, m_y + 1 - slice.from},
                         number ? Anchor::right : Anchor::left);
            x += widths[i];
        }
        cairo_restore(pen);
    }

    Page m_page;
    Letterhead const& m_letterhead;
    int m_pages;
    int m_number = 1;
    double m_y = margin;
};

int draw(std::string& bytes, Document const& document, Letterhead const& letterhead,
         std::optional<SituationMap> const& map, int pages) {
    Sheet sheet{bytes, letterhead, pages};
    sheet.draw_head(document.title);
    for (auto const& block : document.blocks)
        std::visit([&](auto const& one) { sheet(one); }, block);
    if (map) sheet.draw_map(*map);
    return sheet.finish();
}

} // namespace

std::string document_pdf(Document const& document, Letterhead const& letterhead,
                         std::optional<SituationMap> const& map) {
    std::string trial; // tells how many pages there are
    int const pages = draw(trial, document, letterhead, map, 0);
    std::string bytes;
    draw(bytes, document, letterhead, map, pages);
    return bytes;
}

} // namespace diaban::services::print
