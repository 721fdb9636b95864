#include "geo/landuse/class_areas.hpp"

#include "geo/error.hpp"
#include "geo/exposure/zonal.hpp"
#include "geo/parallel.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <utility>

namespace diaban::geo::landuse {

namespace {

using raster::Window;

/// Labels that a thread holds at once, at most, and rows of them: little enough to stop soon.
constexpr std::int32_t strip_cells = 1 << 22;
constexpr std::int32_t strip_rows = 256;
constexpr std::size_t labels = 1U << 16U;

/// What a strip adds to a zone.
struct Piece {
    std::uint32_t zone = 0;
    ClassShare share;
};

/// Sums by label, whichever come, and which have come.
class Tally {
public:
    void add(Label label, double share) {
        auto& sum = m_sums[label];
        if (sum.label == unknown && sum.cells == 0) {
            sum.label = label;
            m_met.push_back(label);
        }
        sum.cells += share;
        if (share >= 0.5) sum.core += share;
    }
    /// Hands each sum to `visit`, by label, and begins anew.
    template <typename Visit>
    void take(Visit&& visit) {
        std::ranges::sort(m_met);
        for (auto const label : m_met) visit(std::exchange(m_sums[label], {}));
        m_met.clear();
    }

private:
    std::vector<ClassShare> m_sums = std::vector<ClassShare>(labels);
    std::vector<Label> m_met;
};

/// Where strips begin, and which zones each of them meets.
class Strips {
public:
    Strips(raster::Frame const& frame, std::span<Geometry const> zones) : m_frame{frame} {
        m_rows = std::clamp(strip_cells / std::max(frame.shape.columns, 1), 1, strip_rows);
        m_zones.resize(std::size_t((frame.shape.rows + m_rows - 1) / m_rows));
        for (std::size_t i = 0; i < zones.size(); ++i) {
            auto const window = frame.cover(zones[i].box());
            m_windows.push_back(window);
            if (window.empty()) continue;
            auto const last = (window.row + window.rows - 1) / m_rows;
            for (auto strip = window.row / m_rows; strip <= last; ++strip)
                m_zones[std::size_t(strip)].push_back(std::uint32_t(i));
        }
    }
    [[nodiscard]] std::size_t count() const noexcept { return m_zones.size(); }
    [[nodiscard]] std::vector<std::uint32_t> const& zones(std::size_t strip) const noexcept {
        return m_zones[strip];
    }
    /// The part of a zone's window in a strip.
    [[nodiscard]] Window window(std::size_t strip, std::uint32_t zone) const noexcept {
        auto const& whole = m_windows[zone];
        auto const top = std::max(whole.row, std::int32_t(strip) * m_rows);
        auto const end = std::min(whole.row + whole.rows, (std::int32_t(strip) + 1) * m_rows);
        return {whole.column, top, whole.columns, end - top};
    }
    /// What must be read of a strip.
    [[nodiscard]] Window window(std::size_t strip) const noexcept {
        Window around = window(strip, m_zones[strip].front());
        for (auto const zone : m_zones[strip]) {
            auto const next = window(strip, zone);
            auto const right = std::max(around.column + around.columns, next.column + next.columns);
            auto const low = std::max(around.row + around.rows, next.row + next.rows);
            around.column = std::min(around.column, next.column);
            around.row = std::min(around.row, next.row);
            around.columns = right - around.column;
            around.rows = low - around.row;
        }
        return around;
    }
    [[nodiscard]] std::uint64_t rows_to(std::size_t strips) const noexcept {
        return std::min(std::uint64_t(strips) * std::uint64_t(m_rows),
                        std::uint64_t(m_frame.shape.rows));
    }

private:
    raster::Frame m_frame;
    std::int32_t m_rows = 1;
    std::vector<Window> m_windows;
    std::vector<std::vector<std::uint32_t>> m_zones;
};

/// What one thread works with.
struct Worker {
    LabelReader const* reader = nullptr;
    std::vector<Label> cells;
    Tally tally;
};

/// Workers that are not at work.
class Bench {
public:
    explicit Bench(std::span<LabelReader const> readers) : m_workers(readers.size()) {
        for (std::size_t i = 0; i < readers.size(); ++i) {
            m_workers[i].reader = &readers[i];
            m_idle.push_back(&m_workers[i]);
        }
    }
    template <typename Work>
    void with_one(Work&& work) {
        Worker* worker = nullptr;
        {
            std::scoped_lock const lock{m_mutex};
            worker = m_idle.back();
            m_idle.pop_back();
        }
        work(*worker);
        std::scoped_lock const lock{m_mutex};
        m_idle.push_back(worker);
    }

private:
    std::vector<Worker> m_workers;
    std::vector<Worker*> m_idle;
    std::mutex m_mutex;
};

[[noreturn]] void refuse_stopped() {
    throw Error{Code::unavailable, "stopped"};
}

/// The pieces of one strip, by zone and label.
std::vector<Piece> count_strip(raster::Frame const& frame, std::span<Geometry const> zones,
                               Strips const& strips, std::size_t strip, Worker& worker,
                               std::atomic<bool> const& stopped) {
    std::vector<Piece> pieces;
    if (strips.zones(strip).empty()) return pieces;
    auto const read = strips.window(strip);
    worker.cells.resize(read.shape().cells());
    (*worker.reader)(read, worker.cells);
    for (auto const zone : strips.zones(strip)) {
        if (stopped) refuse_stopped();
        // Cut to the zone's own window, whose origin is near: so small zones are exact too.
        auto const own = strips.window(strip, zone);
        auto const found = exposure::cover(frame.part(own), zones[zone]);
        auto const* const first =
            worker.cells.data() + read.shape().index(own.column - read.column, own.row - read.row);
        found.each([&](std::int32_t column, std::int32_t row, double share) {
            worker.tally.add(first[read.shape().index(column, row)], share);
        });
        worker.tally.take([&](ClassShare const& share) { pieces.push_back({zone, share}); });
    }
    return pieces;
}

void add_piece(ZoneClasses& zone, ClassShare const& share) {
    zone.cells += share.cells;
    auto const at = std::ranges::lower_bound(zone.classes, share.label, {}, &ClassShare::label);
    if (at == zone.classes.end() || at->label != share.label) {
        zone.classes.insert(at, share);
        return;
    }
    at->cells += share.cells;
    at->core += share.core;
}

} // namespace

double ZoneClasses::cells_of(Label label) const noexcept {
    auto const at = std::ranges::lower_bound(classes, label, {}, &ClassShare::label);
    return at == classes.end() || at->label != label ? 0 : at->cells;
}

std::vector<ZoneClasses> class_areas(raster::Frame const& frame, std::span<Geometry const> zones,
                                     std::span<LabelReader const> readers,
                                     Progress const& progress) {
    Strips const strips{frame, zones};
    Bench bench{readers};
    std::vector<std::vector<Piece>> found(strips.count());
    std::atomic<bool> stopped{false};
    std::mutex telling;
    std::size_t done = 0; // under `telling`
    in_parallel(strips.count(), unsigned(readers.size()), [&](std::size_t strip) {
        if (stopped) refuse_stopped();
        bench.with_one([&](Worker& worker) {
            found[strip] = count_strip(frame, zones, strips, strip, worker, stopped);
        });
        std::scoped_lock const lock{telling};
        ++done;
        if (progress && !progress(strips.rows_to(done), std::uint64_t(frame.shape.rows)))
            stopped = true;
    });
    if (stopped) refuse_stopped();
    std::vector<ZoneClasses> sums(zones.size());
    for (auto const& pieces : found)
        for (auto const& piece : pieces) add_piece(sums[piece.zone], piece.share);
    return sums;
}

} // namespace diaban::geo::landuse
