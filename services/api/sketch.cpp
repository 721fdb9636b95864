#include "services/api/sketch.hpp"

#include "geo/ops/measure.hpp"
#include "services/api/html.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numbers>

namespace diaban::services::api {

namespace {

constexpr double width = 720;  // px
constexpr double height = 400; // px
constexpr double margin = 16;  // px
constexpr std::size_t most_bytes = 400'000;

/// A position beside the antimeridian as one who stands at `lon` sees it, which may be beyond 180°.
geo::Position eastward(geo::Position p, double lon) noexcept {
    return {p.x < lon - 180 ? p.x + 360 : p.x, p.y};
}

/// The box around all; of features on both sides of the antimeridian it ends beyond 180°.
geo::Box box_of(std::span<geo::Feature const> features) {
    geo::Box plain;
    geo::Box across;
    for (auto const& feature : features)
        for (auto const p : feature.geometry.positions) {
            plain.extend(p);
            across.extend(eastward(p, 180));
        }
    return plain.max_x - plain.min_x > 180 && across.max_x - across.min_x < 180 ? across : plain;
}

/// From degrees to pixels.
class Frame {
public:
    explicit Frame(geo::Box const& box)
        : m_middle{(box.min_x + box.max_x) / 2, (box.min_y + box.max_y) / 2},
          m_narrow{std::max(0.01, std::cos(m_middle.y * (std::numbers::pi / 180)))} {
        constexpr double least = 2e-4; // degrees: a point is shown amid some 20 m
        double const across = std::max(least, (box.max_x - box.min_x) * m_narrow);
        double const high = std::max(least, box.max_y - box.min_y);
        m_scale = std::min((width - 2 * margin) / across, (height - 2 * margin) / high);
    }

    [[nodiscard]] geo::Position operator()(geo::Position p) const noexcept {
        p = eastward(p, m_middle.x);
        return {width / 2 + (p.x - m_middle.x) * m_narrow * m_scale,
                height / 2 - (p.y - m_middle.y) * m_scale};
    }
    /// Metres that a pixel is wide in the middle.
    [[nodiscard]] double metres() const {
        double const step = 1 / (m_narrow * m_scale);
        return geo::ops::geodesic_distance(m_middle, {m_middle.x + step, m_middle.y});
    }

private:
    geo::Position m_middle;
    double m_narrow;
    double m_scale = 1;
};

void append_path(std::string& out, std::span<geo::Position const> path, Frame const& frame) {
    geo::Position last{-1e9, -1e9};
    char letter = 'M';
    for (std::size_t i = 0; i < path.size(); ++i) {
        auto const at = frame(path[i]);
        bool const end = i + 1 == path.size();
        if (!end && std::hypot(at.x - last.x, at.y - last.y) < 0.5) continue;
        fmt::format_to(std::back_inserter(out), "{}{:.1f} {:.1f}", letter, at.x, at.y);
        letter = 'L';
        last = at;
    }
}

void append_shape(std::string& out, geo::Geometry const& shape, Frame const& frame) {
    if (shape.kind == geo::GeometryKind::point) {
        for (auto const p : shape.positions) {
            auto const at = frame(p);
            fmt::format_to(std::back_inserter(out), R"(<circle cx="{:.1f}" cy="{:.1f}" r="4"/>)",
                           at.x, at.y);
        }
        return;
    }
    bool const area = shape.kind == geo::GeometryKind::polygon;
    out += area ? R"(<path class="area" d=")" : R"(<path d=")";
    for (std::size_t i = 0; i < shape.path_ends.size(); ++i) {
        append_path(out, shape.path(i), frame);
        if (area) out += 'Z';
    }
    out += R"("/>)";
}

/// A bar of a round length, a third of the picture at most.
std::string scale_bar(Frame const& frame) {
    double const most = width / 3 * frame.metres();
    double const power = std::pow(10, std::floor(std::log10(most)));
    double const length = (most >= 5 * power ? 5 : most >= 2 * power ? 2 : 1) * power;
    auto const text =
        length >= 1000 ? fmt::format("{} km", length / 1000) : fmt::format("{} m", length);
    double const end = margin + length / frame.metres();
    return fmt::format(
        R"(<path class="bar" d="M{0} {1}H{2:.1f}"/><text x="{0}" y="{3}">{4}</text>)", margin,
        height - 10, end, height - 16, text);
}

} // namespace

std::string sketch(std::span<geo::Feature const> features, http::Language language) {
    auto const box = box_of(features);
    if (box.empty()) return {};
    Frame const frame{box};
    std::string shapes;
    std::size_t drawn = 0;
    std::size_t located = 0;
    for (auto const& feature : features) {
        if (feature.geometry.empty()) continue;
        ++located;
        if (shapes.size() > most_bytes) continue;
        append_shape(shapes, feature.geometry, frame);
        ++drawn;
    }
    auto const caption =
        drawn < located ? fmt::format("{} {}/{}. ", word(language, "Vẽ", "Drawn:"), drawn, located)
                        : std::string{};
    auto const east = box.max_x > 180 ? box.max_x - 360 : box.max_x;
    auto const place =
        fmt::format("{:.5f}, {:.5f} – {:.5f}, {:.5f}", box.min_y, box.min_x, box.max_y, east);
    return fmt::format(
        R"(<figure><svg class="sketch" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}</svg><figcaption class="muted">{}{} {}</figcaption></figure>)",
        width, height, word(language, "Vị trí các đối tượng", "Where the features are"), shapes,
        scale_bar(frame), caption, word(language, "Vĩ độ, kinh độ:", "Latitude, longitude:"),
        place);
}

} // namespace diaban::services::api
