#pragma once

#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <fstream>
#include <numbers>
#include <random>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::bench {

/// What maps ask, in the shares of a recorded session, each time about another place.
///
/// Session  a line a kind: share, method, path, by tabs. In a path stand `{tile:14}` for z/x/y of
///          the tile at that zoom, `{fid}`, `{lon}`, `{lat}`, and `{bbox}` for some 400 m around.
/// Places   a line each: fid, lon, lat (EPSG:4326), by tabs; places asked before are asked again,
///          as maps of one town are.
class LoadPaths {
public:
    LoadPaths(std::string const& session, std::string const& places) {
        std::ifstream kinds{session};
        for (std::string line; std::getline(kinds, line);) {
            if (line.empty() || line.front() == '#') continue;
            std::istringstream parts{line};
            Kind kind;
            parts >> kind.share >> kind.method >> kind.path;
            m_kinds.push_back(kind);
            m_shares.push_back(kind.share);
        }
        std::ifstream rows{places};
        for (Place place; rows >> place.fid >> place.lon >> place.lat;) m_places.push_back(place);
        if (m_kinds.empty() || m_places.empty()) throw std::runtime_error{"nothing to ask"};
        m_choice = std::discrete_distribution<std::size_t>{m_shares.begin(), m_shares.end()};
    }

    /// The bytes of the next request.
    std::string next() {
        auto const& kind = m_kinds[m_choice(m_random)];
        auto const& place = m_places[m_random() % m_places.size()];
        auto const path = filled(kind.path, place);
        if (kind.method == "PATCH") {
            auto const body =
                fmt::format("{{\"properties\":{{\"area_m2\":{}}}}}", m_random() % 1000);
            return fmt::format("PATCH {} HTTP/1.1\r\nHost: load\r\nConnection: keep-alive\r\n"
                               "If-Match: *\r\nContent-Type: application/merge-patch+json\r\n"
                               "Content-Length: {}\r\n\r\n{}",
                               path, body.size(), body);
        }
        return fmt::format("GET {} HTTP/1.1\r\nHost: load\r\nConnection: keep-alive\r\n"
                           "Accept-Encoding: gzip, br\r\n\r\n",
                           path);
    }
    [[nodiscard]] double uniform() { return std::uniform_real_distribution<>{}(m_random); }

private:
    struct Kind {
        double share = 0;
        std::string method;
        std::string path;
    };
    struct Place {
        std::int64_t fid = 0;
        double lon = 0;
        double lat = 0;
    };

    static std::string tile(int zoom, Place const& place) {
        using std::numbers::pi;
        auto const side = std::exp2(zoom);
        auto const lat = place.lat * pi / 180;
        auto const x = (place.lon + 180) / 360 * side;
        auto const y = (1 - std::asinh(std::tan(lat)) / pi) / 2 * side;
        return fmt::format("{}/{}/{}", zoom, int(x), int(y));
    }

    static std::string filled(std::string_view path, Place const& place) {
        std::string text;
        while (!path.empty()) {
            auto const open = path.find('{');
            text += path.substr(0, open);
            if (open == std::string_view::npos) break;
            auto const close = path.find('}', open);
            auto const name = path.substr(open + 1, close - open - 1);
            constexpr double around = 0.002; // degrees
            if (name.starts_with("tile:"))
                text += tile(std::stoi(std::string{name.substr(5)}), place);
            else if (name == "fid")
                text += std::to_string(place.fid);
            else if (name == "lon")
                text += fmt::format("{:.6f}", place.lon);
            else if (name == "lat")
                text += fmt::format("{:.6f}", place.lat);
            else if (name == "bbox")
                text += fmt::format("{:.6f},{:.6f},{:.6f},{:.6f}", place.lon - around,
                                    place.lat - around, place.lon + around, place.lat + around);
            path.remove_prefix(close + 1);
        }
        return text;
    }

    std::vector<Kind> m_kinds;
    std::vector<double> m_shares;
    std::vector<Place> m_places;
    std::mt19937_64 m_random{20250928};
    std::discrete_distribution<std::size_t> m_choice;
};

} // namespace diaban::bench
