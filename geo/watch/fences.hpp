#pragma once

#include "geo/feature.hpp"
#include "geo/geometry.hpp"
#include "geo/index/packed_rtree.hpp"
#include "geo/ops/edge_boxes.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

namespace diaban::geo::watch {

/// An area that somebody wants to hear about; ids are distinct. Polygons, EPSG:4326, valid; what is
/// none is never entered.
struct Zone {
    std::int64_t id = 0;
    Geometry shape;
};

/// What of movements is told.
///
/// `margin`       metres: a zone is entered at its border and left only farther than this outside
/// it,
///                so that whoever hovers there enters once.
/// `dwell`        microseconds inside after which that is told, once a stay; 0: not told.
/// `crossings`    whether passing through between two positions, both outside, is told.
/// `longest_gap`  microseconds: between positions farther apart in time nobody knows the way taken,
///                and no crossing is concluded.
struct FenceRule {
    double margin = 25;
    std::int64_t dwell = 0;
    bool crossings = false;
    std::int64_t longest_gap = 600'000'000;
};

enum class Passage : std::uint8_t {
    enter,
    exit,
    cross,
    dwell,
    ended, ///< the zone or the vehicle is no more, and so is the stay
};

struct Movement {
    std::int64_t vehicle = 0;
    std::int64_t zone = 0;
    Passage passage = Passage::enter;
    Instant at;

    friend bool operator==(Movement const&, Movement const&) = default;
};

/// Any number of zones that vehicles move through.
///
/// CRS       EPSG:4326, edges straight in degrees. Metres are those of a plane that touches the
///           ellipsoid's sphere at the middle latitude of all zones: within 1 % up to 1.5° from it
///           at 18° N.
/// Border    on it counts as inside, as far as doubles can tell.
/// Threads   one at a time. Vehicles do not know of each other: whoever wants more threads gives
///           each its share of the vehicles.
/// Cost      of a position: the zones whose boxes it lies in, √n of a zone's n edges each.
class Fences {
public:
    Fences(std::vector<Zone> zones, FenceRule rule);
    ~Fences();
    Fences(Fences&&) noexcept;
    Fences& operator=(Fences&&) noexcept;

    /// Takes a position of a vehicle and appends what it did, by zone. A position that is not later
    /// than the vehicle's last one, or no number, changes nothing.
    void move(std::int64_t vehicle, Position position, Instant at, std::vector<Movement>& done);

    /// Other zones from `at` on. Stays go on in zones of the same id, whose shape may be another.
    void replace(std::vector<Zone> zones, Instant at, std::vector<Movement>& done);

    /// Says where a vehicle was last: nothing is judged, and its stays go on.
    void place(std::int64_t vehicle, Position position, Instant at);

    /// A stay that was begun before; false if the vehicle has no place or the zone is none.
    bool resume(std::int64_t vehicle, std::int64_t zone, Instant since, bool told);

    /// Judges every vehicle where it was last, as of `at`: what other zones make of it. No
    /// crossings. By vehicle and zone.
    void look(Instant at, std::vector<Movement>& done);

    /// Tells of stays that have lasted by `now`, of vehicles that are not heard of too.
    /// Cost      all vehicles; nothing where dwelling is not told.
    void wait(Instant now, std::vector<Movement>& done);

    /// A vehicle that is no more: its stays end.
    void remove(std::int64_t vehicle, Instant at, std::vector<Movement>& done);

    /// Ids of the zones that a vehicle is in, ascending.
    [[nodiscard]] std::vector<std::int64_t> zones_of(std::int64_t vehicle) const;
    [[nodiscard]] std::size_t vehicles() const noexcept { return m_vehicles.size(); }
    /// Forgets vehicles that were not heard of since; how many.
    std::size_t forget(Instant before);

private:
    struct Ground;
    struct Stay {
        std::int64_t zone = 0;
        Instant since;
        bool told = false; ///< of its dwelling
    };
    struct Vehicle {
        Position last; ///< in the plane
        Instant at;
        std::vector<Stay> stays; ///< by zone
    };
    void leave(std::int64_t vehicle, Vehicle& known, Position p, Instant at,
               std::vector<Movement>& done) const;
    /// `first`: where in `done` begins what this position did.
    void arrive(std::int64_t vehicle, Vehicle& known, bool has_way, Position p, Instant at,
                std::size_t first, std::vector<Movement>& done) const;

    FenceRule m_rule;
    std::unique_ptr<Ground const> m_ground;
    std::unordered_map<std::int64_t, Vehicle> m_vehicles;
};

} // namespace diaban::geo::watch
