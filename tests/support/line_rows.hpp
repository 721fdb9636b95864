#pragma once

#include "tiles/mvt.hpp"
#include "tiles/pyramid/keys.hpp"
#include "tiles/pyramid/square.hpp"
#include "tiles/shape.hpp"

#include <cmath>
#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::tests {

/// Lines in memory as a pyramid reads them; those that are `gone` are passed over. Copied, it stays
/// as it was.
class LineRows : public tiles::pyramid::RowSource {
public:
    struct Line {
        std::uint32_t key = 0;
        std::vector<tiles::GridPoint> points;
        std::vector<std::uint32_t> path_begin{0};
        tiles::GridBox box;
        double length_m = 0;
        bool gone = false;

        void add_path(std::vector<tiles::GridPoint> const& path) {
            points.insert(points.end(), path.begin(), path.end());
            path_begin.push_back(std::uint32_t(points.size()));
            box = tiles::box_of(points);
            for (std::size_t i = 1; i < path.size(); ++i) // steps as if they were metres
                length_m += std::hypot(double(path[i].x) - path[i - 1].x,
                                       double(path[i].y) - path[i - 1].y);
        }
        [[nodiscard]] std::vector<tiles::GridPoint> path(std::size_t p) const {
            return {points.begin() + path_begin[p], points.begin() + path_begin[p + 1]};
        }
        [[nodiscard]] tiles::GridPoint centre() const {
            return {std::int32_t((std::int64_t{box.min_x} + box.max_x) / 2),
                    std::int32_t((std::int64_t{box.min_y} + box.max_y) / 2)};
        }
    };
    std::vector<Line> lines; ///< the fid is the place

    void visit(tiles::GridBox const& box,
               std::function<void(tiles::pyramid::Row const&)> const& visit) const override {
        for (std::size_t i = 0; i < lines.size(); ++i) {
            auto const& line = lines[i];
            if (line.gone || !box.intersects(line.box)) continue;
            tiles::pyramid::Row row;
            row.key = line.key;
            row.box = line.box;
            row.centre = line.centre();
            row.points = line.points;
            row.path_begin = line.path_begin;
            row.measure = line.length_m;
            row.fid = std::int64_t(i);
            visit(row);
        }
    }
    [[nodiscard]] tiles::GridBox bounds() const override {
        tiles::GridBox box;
        for (auto const& line : lines) box.extend(line.box);
        return box;
    }
};

/// Streets along a lattice of crossings, of three kinds in three scopes, at two levels: most have a
/// bend or two, some go on for several crossings, some have two paths, some come back to where they
/// began, some lie twice.
class StreetMaker {
public:
    static constexpr std::int32_t spacing = 60'000; // a kilometre
    explicit StreetMaker(std::uint64_t seed) : m_random{seed} {
        for (auto const* kind : {"road", "street", "track"})
            for (auto const* scope : {"1", "2", "3"})
                for (auto const level : {std::uint8_t{0}, std::uint8_t{2}})
                    m_keys.push_back(
                        {tiles::mvt::encode_value(std::string_view{kind}), scope, level});
    }

    [[nodiscard]] std::vector<tiles::pyramid::Key> const& keys() const { return m_keys; }
    [[nodiscard]] std::size_t below(std::size_t count) { return m_random() % count; }

    [[nodiscard]] LineRows::Line line(std::size_t side) {
        LineRows::Line line;
        // Most are of the first key, so that ends meet.
        line.key = std::uint32_t(below(4) < 3 ? below(2) : below(m_keys.size()));
        for (auto paths = below(12) == 0 ? 2 : 1; paths > 0; --paths) line.add_path(path(side));
        return line;
    }

private:
    std::vector<tiles::GridPoint> path(std::size_t side) {
        auto at = std::pair{std::int32_t(below(side)), std::int32_t(below(side))};
        std::vector<tiles::GridPoint> points{crossing(at)};
        auto const steps = below(5) == 0 ? 1 + below(6) : 1;
        for (std::size_t step = 0; step < steps; ++step) {
            auto const ahead = below(2) == 0 ? 1 : -1;
            (below(2) == 0 ? at.first : at.second) += ahead;
            auto const from = points.back();
            auto const to = crossing(at);
            for (auto bends = below(3); bends > 0; --bends)
                points.push_back({from.x + (to.x - from.x) / 2 + std::int32_t(below(12'000)),
                                  from.y + (to.y - from.y) / 2 + std::int32_t(below(12'000))});
            points.push_back(to);
        }
        if (below(20) == 0) points.push_back(points.front());
        return points;
    }
    [[nodiscard]] static tiles::GridPoint crossing(std::pair<std::int32_t, std::int32_t> at) {
        auto const corner = tiles::to_grid({105.8, 18.4});
        return {corner.x + at.first * spacing, corner.y + at.second * spacing};
    }

    std::mt19937_64 m_random;
    std::vector<tiles::pyramid::Key> m_keys;
};

} // namespace diaban::tests
