#include "services/print/parcel_extract.hpp"

#include "services/print/page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace diaban::services::print {

namespace {

using geo::Position;

constexpr double frame_top = 54 * millimetre;
constexpr double frame_height = 140 * millimetre;
constexpr double frame_width = page_width - 2 * margin;
constexpr std::size_t most_rows = 24; // two columns of twelve

/// From metres of the plane to points of the page.
struct Placing {
    double scale = 500; ///< 1 : scale
    Position middle;    ///< of the parcel's box
    [[nodiscard]] double points(double metres) const noexcept {
        return metres / scale * 1000 * millimetre;
    }
    [[nodiscard]] Position operator()(Position p) const noexcept {
        return {page_width / 2 + points(p.x - middle.x),
                frame_top + frame_height / 2 - points(p.y - middle.y)};
    }
};

Placing place(geo::Geometry const& parcel) {
    auto const box = parcel.box();
    double const room = 0.72; // what lies around is shown too
    double const needed =
        std::max((box.max_x - box.min_x) * 1000 * millimetre / (frame_width * room),
                 (box.max_y - box.min_y) * 1000 * millimetre / (frame_height * room));
    double scale = 100;
    for (int step = 0; scale < needed; ++step) scale *= step % 3 == 1 ? 2.5 : 2; // 100 200 500 1000
    return {scale, {(box.min_x + box.max_x) / 2, (box.min_y + box.max_y) / 2}};
}

void trace(Page const& page, geo::Geometry const& shape, Placing const& placing) {
    for (std::size_t i = 0; i < shape.path_ends.size(); ++i) {
        auto const ring = shape.path(i);
        for (std::size_t k = 0; k < ring.size(); ++k) {
            auto const p = placing(ring[k]);
            if (k == 0)
                cairo_move_to(page.pen(), p.x, p.y);
            else
                cairo_line_to(page.pen(), p.x, p.y);
        }
        cairo_close_path(page.pen());
    }
}

Position middle_of(geo::Geometry const& shape) {
    auto const box = shape.box();
    return {(box.min_x + box.max_x) / 2, (box.min_y + box.max_y) / 2};
}

/// Middle of what the frame shows of a shape's box.
Position middle_in_frame(geo::Geometry const& shape, Placing const& placing) {
    auto const box = shape.box();
    auto const low = placing({box.min_x, box.max_y});
    auto const high = placing({box.max_x, box.min_y});
    double const right = page_width - margin;
    double const bottom = frame_top + frame_height;
    return {(std::clamp(low.x, margin, right) + std::clamp(high.x, margin, right)) / 2,
            (std::clamp(low.y, frame_top, bottom) + std::clamp(high.y, frame_top, bottom)) / 2};
}

double length(Position a, Position b) noexcept {
    return std::hypot(b.x - a.x, b.y - a.y);
}

/// Corners and edges of the exterior.
std::vector<Position> corners_of(geo::Geometry const& parcel) {
    auto const ring = parcel.path(0);
    return {ring.begin(), ring.end() - 1};
}

void draw_edges(Page const& page, std::vector<Position> const& corners, Placing const& placing) {
    auto const box_middle = placing(placing.middle);
    for (std::size_t i = 0; i < corners.size(); ++i) {
        auto const a = placing(corners[i]);
        auto const b = placing(corners[(i + 1) % corners.size()]);
        double turned = std::atan2(b.y - a.y, b.x - a.x);
        if (std::abs(turned) > std::numbers::pi / 2)
            turned -= std::copysign(std::numbers::pi, turned);
        Position at{(a.x + b.x) / 2, (a.y + b.y) / 2};
        double const inwards =
            (box_middle.x - at.x) * -std::sin(turned) + (box_middle.y - at.y) * std::cos(turned);
        double const off = std::copysign(7.0, inwards);
        at = {at.x - std::sin(turned) * off, at.y + std::cos(turned) * off};
        page.text(fmt::format("{:.2f}", length(corners[i], corners[(i + 1) % corners.size()])), at,
                  7.5, Anchor::middle, false, turned);
    }
    for (std::size_t i = 0; i < corners.size(); ++i) {
        auto const p = placing(corners[i]);
        cairo_arc(page.pen(), p.x, p.y, 1.8, 0, 2 * std::numbers::pi);
        cairo_fill(page.pen());
        double const away = std::max(1.0, std::hypot(p.x - box_middle.x, p.y - box_middle.y));
        page.text(std::to_string(i + 1),
                  {p.x + (p.x - box_middle.x) / away * 9, p.y + (p.y - box_middle.y) / away * 9}, 8,
                  Anchor::middle, true);
    }
}

void draw_map(Page const& page, ParcelExtract const& extract, Placing const& placing) {
    auto* const pen = page.pen();
    cairo_save(pen);
    cairo_rectangle(pen, margin, frame_top, frame_width, frame_height);
    cairo_clip(pen);
    cairo_set_source_rgb(pen, 0.45, 0.45, 0.45);
    for (auto const& neighbour : extract.neighbours) {
        trace(page, neighbour.outline, placing);
        cairo_set_line_width(pen, 0.5);
        cairo_stroke(pen);
        auto const at = middle_in_frame(neighbour.outline, placing);
        bool const inside = at.x > margin + 12 && at.x < page_width - margin - 12 &&
                            at.y > frame_top + 8 && at.y < frame_top + frame_height - 8;
        if (inside) page.text(neighbour.label, at, 7.5, Anchor::middle);
    }
    cairo_set_source_rgb(pen, 0, 0, 0);
    trace(page, extract.parcel, placing);
    cairo_set_line_width(pen, 1.4);
    cairo_stroke(pen);
    page.text(extract.label, placing(middle_of(extract.parcel)), 11, Anchor::middle, true);
    draw_edges(page, corners_of(extract.parcel), placing);
    cairo_restore(pen);
    cairo_set_line_width(pen, 0.8);
    cairo_rectangle(pen, margin, frame_top, frame_width, frame_height);
    cairo_stroke(pen);
}

void draw_north(Page const& page, std::string const& word) {
    auto* const pen = page.pen();
    double const x = page_width - margin - 9 * millimetre;
    double const y = frame_top + 6 * millimetre;
    cairo_move_to(pen, x, y);
    cairo_line_to(pen, x - 4, y + 20);
    cairo_line_to(pen, x, y + 16);
    cairo_line_to(pen, x + 4, y + 20);
    cairo_close_path(pen);
    cairo_fill(pen);
    page.text(word, {x, y - 6}, 9, Anchor::middle, true);
}

/// A bar of a round length, a quarter of the frame at most.
void draw_scale(Page const& page, ParcelExtract const& extract, Placing const& placing) {
    double const metres = round_length(1, frame_width / 4 / placing.points(1));
    double const y = frame_top + frame_height + 5 * millimetre;
    page.bar({margin, y}, placing.points(metres), fmt::format("{:g} m", metres), 7);
    page.text(fmt::format("{} 1:{:.0f}", extract.scale_title, placing.scale),
              {page_width - margin, y + 2}, 9, Anchor::right, true);
}

void draw_facts(Page const& page, ParcelExtract const& extract) {
    page.text(extract.title, {page_width / 2, margin + 8}, 15, Anchor::middle, true);
    double const column = frame_width / 2;
    for (std::size_t i = 0; i < extract.facts.size(); ++i) {
        double const x = margin + static_cast<double>(i % 2) * column;
        double const y = margin + 30 + static_cast<double>(i / 2) * 13;
        double const width = page.text(extract.facts[i].first + ": ", {x, y}, 9);
        page.text(extract.facts[i].second, {x + width, y}, 9, Anchor::left, true);
    }
}

void draw_corners(Page const& page, ParcelExtract const& extract) {
    auto const corners = corners_of(extract.parcel);
    double const top = frame_top + frame_height + 17 * millimetre;
    double const column = frame_width / 2;
    double const tabs[] = {10, 90, 170, 235};
    for (std::size_t side = 0; side < (corners.size() > most_rows / 2 ? 2U : 1U); ++side) {
        double const x = margin + static_cast<double>(side) * column;
        page.text(extract.corner_title, {x + tabs[0], top}, 7.5, Anchor::middle, true);
        page.text(extract.north_title, {x + tabs[1], top}, 7.5, Anchor::right, true);
        page.text(extract.east_title, {x + tabs[2], top}, 7.5, Anchor::right, true);
        page.text(extract.edge_title, {x + tabs[3], top}, 7.5, Anchor::right, true);
        page.line({x, top + 6}, {x + tabs[3] + 4, top + 6}, 0.5);
    }
    for (std::size_t i = 0; i < std::min(corners.size(), most_rows); ++i) {
        double const x = margin + (i < most_rows / 2 ? 0 : column);
        double const y = top + 13 + static_cast<double>(i % (most_rows / 2)) * 11;
        auto const next = (i + 1) % corners.size();
        page.text(std::to_string(i + 1), {x + tabs[0], y}, 7.5, Anchor::middle);
        page.text(fmt::format("{:.3f}", corners[i].y), {x + tabs[1], y}, 7.5, Anchor::right);
        page.text(fmt::format("{:.3f}", corners[i].x), {x + tabs[2], y}, 7.5, Anchor::right);
        page.text(fmt::format("{:.2f}", length(corners[i], corners[next])), {x + tabs[3], y}, 7.5,
                  Anchor::right);
    }
    if (corners.size() > most_rows)
        page.text(fmt::format("… {}", corners.size()),
                  {margin + column, top + 13 + static_cast<double>(most_rows / 2) * 11}, 7.5);
}

void draw_foot(Page const& page, ParcelExtract const& extract) {
    double y = page_height - margin - 11 * static_cast<double>(extract.notes.size());
    page.line({margin, y - 10}, {page_width - margin, y - 10}, 0.5);
    for (auto const& note : extract.notes) {
        page.text(note, {margin, y}, 8);
        y += 11;
    }
    page.text(extract.code, {page_width - margin, page_height - margin - 11}, 11, Anchor::right,
              true);
}

} // namespace

std::string extract_pdf(ParcelExtract const& extract) {
    std::string bytes;
    {
        Page const page{bytes};
        auto const placing = place(extract.parcel);
        draw_facts(page, extract);
        draw_map(page, extract, placing);
        draw_north(page, extract.north_word);
        draw_scale(page, extract, placing);
        draw_corners(page, extract);
        draw_foot(page, extract);
        page.finish();
    }
    return bytes;
}

} // namespace diaban::services::print
