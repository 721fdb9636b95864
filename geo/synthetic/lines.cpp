#include "geo/synthetic/lines.hpp"

#include "geo/error.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace diaban::geo::synthetic {

namespace {

using Path = std::vector<Position>;

Geometry empty_lines() {
    Geometry result;
    result.kind = GeometryKind::line;
    result.multi = true;
    result.srid = 4326;
    return result;
}

void append(Geometry& lines, std::span<Position const> path) {
    lines.positions.insert(lines.positions.end(), path.begin(), path.end());
    lines.path_ends.push_back(static_cast<std::uint32_t>(lines.positions.size()));
}

std::optional<Position> read_position(std::string_view line) {
    Position p;
    char const* at = line.data();
    char const* const end = at + line.size();
    for (double* const number : {&p.x, &p.y}) {
        while (at != end && (*at == ' ' || *at == '\t')) ++at;
        auto const [next, error] = std::from_chars(at, end, *number);
        if (error != std::errc{}) return std::nullopt;
        at = next;
    }
    return p;
}

Path without_repeats(std::span<Position const> path) {
    Path result;
    for (auto const& p : path)
        if (result.empty() || result.back() != p) result.push_back(p);
    return result;
}

/// Paths by the positions they end in.
class Ends {
public:
    explicit Ends(std::vector<Path> const& paths) {
        for (std::size_t i = 0; i < paths.size(); ++i) {
            m_paths[key(paths[i].front())].push_back(i);
            m_paths[key(paths[i].back())].push_back(i);
        }
    }
    /// The other path that ends in `p`, if two ends of different paths meet there and no more.
    [[nodiscard]] std::optional<std::size_t> other(Position p, std::size_t path) const {
        auto const& here = m_paths.at(key(p));
        if (here.size() != 2 || here[0] == here[1]) return std::nullopt;
        return here[0] == path ? here[1] : here[0];
    }

private:
    static std::pair<double, double> key(Position p) { return {p.x, p.y}; }
    std::map<std::pair<double, double>, std::vector<std::size_t>> m_paths;
};

/// Where a segment enters and leaves a box, as shares of its length (Liang and Barsky, 1984).
std::optional<std::pair<double, double>> inside(Position a, Position b, Box const& box) {
    double enter = 0;
    double leave = 1;
    auto const side = [&](double step, double room) {
        if (step == 0) return room >= 0;
        double const t = room / step;
        if (step < 0) enter = std::max(enter, t);
        if (step > 0) leave = std::min(leave, t);
        return enter < leave;
    };
    double const dx = b.x - a.x;
    double const dy = b.y - a.y;
    if (side(-dx, a.x - box.min_x) && side(dx, box.max_x - a.x) && side(-dy, a.y - box.min_y) &&
        side(dy, box.max_y - a.y))
        return std::pair{enter, leave};
    return std::nullopt;
}

} // namespace

Geometry read_gmt_lines(std::string_view text) {
    Geometry lines = empty_lines();
    Path path;
    auto const end_path = [&] {
        if (!path.empty()) append(lines, path);
        path.clear();
    };
    std::size_t number = 0;
    while (!text.empty()) {
        ++number;
        std::size_t const length = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, length);
        text.remove_prefix(std::min(length + 1, text.size()));
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.empty() || line.front() == '#') continue;
        if (line.front() == '>') {
            end_path();
            continue;
        }
        auto const position = read_position(line);
        if (!position)
            throw Error{Code::bad_input, "bad-lines", {{"line", std::to_string(number)}}};
        path.push_back(*position);
    }
    end_path();
    return lines;
}

Geometry join_lines(Geometry const& lines) {
    std::vector<Path> paths;
    for (std::size_t i = 0; i < lines.path_ends.size(); ++i) {
        Path path = without_repeats(lines.path(i));
        if (path.size() > 1) paths.push_back(std::move(path));
    }
    Ends const ends{paths};
    std::vector<bool> used(paths.size(), false);
    Geometry joined = empty_lines();
    for (std::size_t first = 0; first < paths.size(); ++first) {
        if (used[first]) continue;
        used[first] = true;
        Path path = paths[first];
        for (int direction = 0; direction < 2; ++direction) { // onwards, then back from the start
            std::size_t last = first;
            while (auto const next = ends.other(path.back(), last)) {
                if (used[*next]) break;
                used[*next] = true;
                Path piece = paths[*next];
                if (piece.front() != path.back()) std::reverse(piece.begin(), piece.end());
                path.insert(path.end(), piece.begin() + 1, piece.end());
                last = *next;
            }
            std::reverse(path.begin(), path.end());
        }
        append(joined, path);
    }
    return joined;
}

Geometry clip_lines(Geometry const& lines, Box const& box) {
    Geometry clipped = empty_lines();
    Path path;
    auto const end_path = [&] {
        if (path.size() > 1) append(clipped, path);
        path.clear();
    };
    for (std::size_t i = 0; i < lines.path_ends.size(); ++i) {
        auto const whole = lines.path(i);
        for (std::size_t k = 1; k < whole.size(); ++k) {
            Position const a = whole[k - 1];
            Position const b = whole[k];
            auto const part = inside(a, b, box);
            if (!part) {
                end_path();
                continue;
            }
            auto const at = [&](double t) {
                return Position{a.x + t * (b.x - a.x), a.y + t * (b.y - a.y)};
            };
            auto const [enter, leave] = *part;
            if (path.empty()) path.push_back(enter == 0 ? a : at(enter));
            path.push_back(leave == 1 ? b : at(leave));
            if (leave < 1) end_path();
        }
        end_path();
    }
    return clipped;
}

Geometry longest_line(Geometry const& lines) {
    Geometry result = empty_lines();
    std::size_t longest = 0;
    for (std::size_t i = 1; i < lines.path_ends.size(); ++i)
        if (lines.path(i).size() > lines.path(longest).size()) longest = i;
    if (!lines.path_ends.empty()) append(result, lines.path(longest));
    return result;
}

} // namespace diaban::geo::synthetic
