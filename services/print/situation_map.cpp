#include "services/print/situation_map.hpp"

#include "services/print/page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <initializer_list>
#include <optional>

namespace diaban::services::print {

namespace {

using geo::Position;

constexpr double width = page_width - 2 * margin;
constexpr double title_height = 22;
constexpr double scale_height = 22;
constexpr double legend_row = 14;
constexpr double note_size = 8;
constexpr std::size_t legend_columns = 3;

struct Colour {
    double red, green, blue;
};
constexpr Colour black{0, 0, 0};
constexpr Colour white{1, 1, 1};
constexpr Colour land{0.980, 0.973, 0.949};
constexpr Colour beyond{0.890, 0.914, 0.925};
constexpr Colour border{0.463, 0.490, 0.529};
constexpr Colour muted{0.25, 0.30, 0.35};
constexpr Colour red{0.702, 0.149, 0.118};
constexpr Colour amber{0.969, 0.580, 0.114};
constexpr Colour blue{0.043, 0.373, 0.678};
constexpr Colour grey{0.55, 0.58, 0.61};
constexpr Colour teal{0.059, 0.369, 0.341};

/// How a symbol is drawn.
struct Look {
    Colour fill, edge, figure;
};
constexpr std::array<Look, symbols> looks{{{red, white, white},
                                           {amber, black, black},
                                           {white, grey, muted},
                                           {blue, white, white},
                                           {white, blue, blue},
                                           {grey, white, white},
                                           {teal, white, white}}};

void use(Page const& page, Colour colour) {
    cairo_set_source_rgb(page.pen(), colour.red, colour.green, colour.blue);
}

/// Where on the page the map is, and from metres of the plane to points.
struct Frame {
    double top = 0;
    double height = 0;
    double scale = 1000; ///< 1 : scale
    Position middle;

    [[nodiscard]] double points(double metres) const noexcept {
        return metres / scale * 1000 * millimetre;
    }
    [[nodiscard]] Position operator()(Position p) const noexcept {
        return {page_width / 2 + points(p.x - middle.x), top + height / 2 - points(p.y - middle.y)};
    }
    [[nodiscard]] bool holds(Position p) const noexcept {
        return p.x > margin && p.x < page_width - margin && p.y > top && p.y < top + height;
    }
    [[nodiscard]] bool holds(geo::Box const& box) const noexcept {
        return holds(Position{box.min_x, box.min_y}) && holds(Position{box.max_x, box.max_y});
    }
};

Frame place(geo::Box const& extent, double top, double height) {
    Frame frame;
    frame.top = top;
    frame.height = height;
    frame.middle = {(extent.min_x + extent.max_x) / 2, (extent.min_y + extent.max_y) / 2};
    double const room = 0.94;
    double const needed =
        std::max((extent.max_x - extent.min_x) / width, (extent.max_y - extent.min_y) / height) *
        1000 * millimetre / room;
    constexpr std::array<double, 6> round{1, 1.5, 2, 3, 5, 7.5};
    for (double power = 1000; frame.scale < needed; power *= 10)
        for (std::size_t i = 0; i < round.size() && frame.scale < needed; ++i)
            frame.scale = round[i] * power;
    return frame;
}

void trace(Page const& page, geo::Geometry const& shape, Frame const& frame) {
    for (std::size_t i = 0; i < shape.path_ends.size(); ++i) {
        cairo_new_sub_path(page.pen());
        for (auto const& position : shape.path(i)) {
            auto const p = frame(position);
            cairo_line_to(page.pen(), p.x, p.y);
        }
        cairo_close_path(page.pen());
    }
}

void path_of(Page const& page, Symbol symbol, Position at) {
    auto* const pen = page.pen();
    auto const corners = [&](std::initializer_list<Position> all) {
        cairo_new_sub_path(pen);
        for (auto const& p : all) cairo_line_to(pen, at.x + p.x, at.y + p.y);
        cairo_close_path(pen);
    };
    switch (symbol) {
    case Symbol::call_new:
    case Symbol::call_assigned:
    case Symbol::call_done: corners({{0, -6.5}, {6.5, 0}, {0, 6.5}, {-6.5, 0}}); break;
    case Symbol::team_free:
    case Symbol::team_busy:
    case Symbol::team_off: corners({{-5.5, -5}, {6, 0}, {-5.5, 5}, {-3, 0}}); break;
    case Symbol::shelter:
        corners(
            {{0, -5}, {5, -0.5}, {3.6, -0.5}, {3.6, 4.5}, {-3.6, 4.5}, {-3.6, -0.5}, {-5, -0.5}});
        break;
    }
}

void draw_mark(Page const& page, Symbol symbol, Position at, std::string const& figure) {
    auto const& look = looks[std::size_t(symbol)];
    path_of(page, symbol, at);
    use(page, look.fill);
    cairo_fill_preserve(page.pen());
    use(page, look.edge);
    cairo_set_line_width(page.pen(), 0.9);
    cairo_stroke(page.pen());
    use(page, look.figure);
    if (!figure.empty()) page.text(figure, at, 7, Anchor::middle, true);
    use(page, black);
}

/// Boxes on the page that are taken.
class Room {
public:
    [[nodiscard]] bool take(geo::Box const& box) {
        bool const free = std::ranges::none_of(
            m_taken, [&](geo::Box const& other) { return other.intersects(box); });
        if (free) m_taken.push_back(box);
        return free;
    }
    void block(Position at, double around) {
        m_taken.push_back({at.x - around, at.y - around, at.x + around, at.y + around});
    }

private:
    std::vector<geo::Box> m_taken;
};

void draw_names(Page const& page, SituationMap const& map, Frame const& frame) {
    Room room;
    for (auto const& mark : map.marks) room.block(frame(mark.at), 6);
    room.block({page_width - margin - 9 * millimetre, frame.top + 16}, 22); // the arrow to north
    use(page, muted);
    for (auto const& unit : map.units) {
        Words const words{page, markup_of(unit.name), 7.5};
        auto const at = frame(unit.label);
        for (double const off : {0.0, -11.0, 11.0, -20.0, 20.0}) { // beside marks, where it must
            geo::Box const box{at.x - words.width() / 2, at.y + off - words.height() / 2,
                               at.x + words.width() / 2, at.y + off + words.height() / 2};
            if (!frame.holds(box) || !room.take(box)) continue;
            words.draw_with_halo({at.x, box.min_y}, Anchor::middle);
            break;
        }
    }
    use(page, black);
}

void draw_area(Page const& page, geo::Geometry const& area, Frame const& frame) {
    auto* const pen = page.pen();
    trace(page, area, frame);
    cairo_set_source_rgba(pen, red.red, red.green, red.blue, 0.10);
    cairo_fill_preserve(pen);
    use(page, red);
    std::array<double, 2> const dashes{6, 3};
    cairo_set_dash(pen, dashes.data(), int(dashes.size()), 0);
    cairo_set_line_width(pen, 1.4);
    cairo_stroke(pen);
    cairo_set_dash(pen, nullptr, 0, 0);
}

void draw_inside(Page const& page, SituationMap const& map, Frame const& frame) {
    auto* const pen = page.pen();
    cairo_save(pen);
    cairo_rectangle(pen, margin, frame.top, width, frame.height);
    cairo_clip_preserve(pen);
    use(page, beyond);
    cairo_fill(pen);
    cairo_set_line_join(pen, CAIRO_LINE_JOIN_ROUND);
    for (auto const& unit : map.units) {
        trace(page, unit.outline, frame);
        use(page, land);
        cairo_fill_preserve(pen);
        use(page, border);
        cairo_set_line_width(pen, 0.5);
        cairo_stroke(pen);
    }
    if (!map.area.empty()) draw_area(page, map.area, frame);
    draw_names(page, map, frame);
    for (auto const& mark : map.marks) draw_mark(page, mark.symbol, frame(mark.at), mark.figure);
    cairo_restore(pen);
    use(page, black);
    cairo_set_line_width(pen, 0.9);
    cairo_rectangle(pen, margin, frame.top, width, frame.height);
    cairo_stroke(pen);
}

void draw_north(Page const& page, std::string const& word, Frame const& frame) {
    auto* const pen = page.pen();
    double const x = page_width - margin - 9 * millimetre;
    double const y = frame.top + 16;
    cairo_move_to(pen, x, y);
    cairo_line_to(pen, x - 5, y + 20);
    cairo_line_to(pen, x, y + 16);
    cairo_line_to(pen, x + 5, y + 20);
    cairo_close_path(pen);
    cairo_fill(pen);
    Words const words{page, markup_of(word, true), 10};
    words.draw_with_halo({x, y - words.height()}, Anchor::middle);
}

std::string length_text(double metres) {
    return metres < 1000 ? fmt::format("{:g} m", metres) : fmt::format("{:g} km", metres / 1000);
}

/// `1:250.000`, digits in threes as the country writes them.
std::string scale_text(double scale) {
    auto digits = fmt::format("{:.0f}", scale);
    for (auto at = std::ptrdiff_t(digits.size()) - 3; at > 0; at -= 3)
        digits.insert(std::size_t(at), ".");
    return "1:" + digits;
}

/// A bar of a round length, a quarter of the frame at most.
void draw_scale(Page const& page, SituationMap const& map, Frame const& frame) {
    double const metres = round_length(10, width / 4 / frame.points(1));
    double const y = frame.top + frame.height + 6;
    page.bar({margin + 2, y}, frame.points(metres), length_text(metres), 7.5);
    page.text(fmt::format("{} {}", map.scale_word, scale_text(frame.scale)),
              {page_width - margin, y + 4}, 9, Anchor::right, true);
}

/// A line of the legend: what is drawn at its left, and its words.
struct Entry {
    std::string words;
    std::optional<Symbol> symbol; ///< nothing: an area
    bool event = false;           ///< the event's area, not a unit's
};

std::vector<Entry> entries_of(SituationMap const& map, Frame const& frame) {
    std::vector<Entry> all;
    for (std::size_t i = 0; i < symbols; ++i) {
        if (map.symbol_words[i].empty()) continue;
        auto const symbol = static_cast<Symbol>(i);
        auto const count = std::ranges::count_if(map.marks, [&](SituationMap::Mark const& mark) {
            return mark.symbol == symbol && frame.holds(frame(mark.at));
        });
        all.push_back({fmt::format("{}: {}", map.symbol_words[i], count), symbol, false});
    }
    if (!map.area.empty()) all.push_back({map.area_word, std::nullopt, true});
    all.push_back({map.unit_word, std::nullopt, false});
    return all;
}

void draw_legend(Page const& page, std::vector<Entry> const& all, double top) {
    auto* const pen = page.pen();
    for (std::size_t i = 0; i < all.size(); ++i) {
        double const x = margin + 10 + double(i % legend_columns) * width / legend_columns;
        double const y = top + (double(i / legend_columns) + 0.5) * legend_row;
        if (all[i].symbol) {
            draw_mark(page, *all[i].symbol, {x, y}, {});
        } else {
            cairo_rectangle(pen, x - 7, y - 4, 14, 8);
            use(page, all[i].event ? Colour{0.97, 0.91, 0.90} : land);
            cairo_fill_preserve(pen);
            use(page, all[i].event ? red : border);
            cairo_set_line_width(pen, all[i].event ? 1.2 : 0.6);
            cairo_stroke(pen);
            use(page, black);
        }
        page.text(all[i].words, {x + 12, y}, 8.5);
    }
}

} // namespace

void draw_situation_map(Page const& page, SituationMap const& map, double top, double bottom) {
    auto const most_entries = symbols + 2;
    double const legend_height =
        legend_row * double((most_entries + legend_columns - 1) / legend_columns);
    std::string all_notes;
    for (auto const& note : map.notes) all_notes += (all_notes.empty() ? "" : "\n") + note;
    Words const notes{page, markup_of(all_notes), note_size, width};
    double const frame_height =
        bottom - top - title_height - scale_height - legend_height - notes.height() - 6;
    auto const frame = place(map.extent, top + title_height, frame_height);
    page.text(map.title, {page_width / 2, top + 8}, 13, Anchor::middle, true);
    draw_inside(page, map, frame);
    draw_north(page, map.north_word, frame);
    draw_scale(page, map, frame);
    double const legend_top = frame.top + frame.height + scale_height;
    draw_legend(page, entries_of(map, frame), legend_top);
    notes.draw({margin, legend_top + legend_height + 4});
}

} // namespace diaban::services::print
