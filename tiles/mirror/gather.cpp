#include "tiles/mirror/gather.hpp"

#include "geo/index/hilbert.hpp"
#include "geo/parallel.hpp"
#include "tiles/pyramid/detail.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <tuple>
#include <utility>

namespace diaban::tiles::mirror {
namespace {

using Tree = geo::index::PackedRtree<GridBox>;

/// The arrays of a run that lies in memory of its own.
struct Arrays {
    std::vector<std::int64_t> fids;
    std::vector<std::uint32_t> by_fid;
    std::vector<std::uint32_t> classes;
    std::vector<geo::Period> periods;
    std::vector<std::uint8_t> safe_zooms;
    std::vector<GridBox> boxes;
    std::vector<std::uint32_t> path_begin;
    std::vector<std::uint32_t> point_begin;
    std::vector<GridPoint> points;
    std::vector<GridPoint> labels;
    std::vector<std::uint8_t> first_zooms;
    std::vector<pyramid::Bend> bends;
    std::vector<double> measures;
    std::vector<GridBox> nodes;
    std::vector<std::vector<std::uint32_t>> codes;
    std::vector<std::vector<std::uint32_t>> places;
    std::vector<std::uint32_t> text_ends;
    std::vector<char> text_bytes;

    [[nodiscard]] std::size_t bytes() const noexcept {
        auto const of = [](auto const& array) { return array.capacity() * sizeof(array[0]); };
        std::size_t sum = of(fids) + of(by_fid) + of(classes) + of(periods) + of(safe_zooms) +
                          of(boxes) + of(path_begin) + of(point_begin) + of(points) + of(labels) +
                          of(measures) + of(first_zooms) + of(bends) + of(nodes) + of(text_ends) +
                          of(text_bytes);
        for (auto const& array : codes) sum += of(array);
        for (auto const& array : places) sum += of(array);
        return sum;
    }
};

/// A row's place before sorting.
struct Source {
    std::uint32_t key;  // Hilbert distance of the box centre
    std::uint32_t part; // which part
    std::uint32_t row;  // in that part
    std::int64_t fid;
};

/// Where the i-th of `of` equal shares of [0, count) begins.
std::size_t share(std::size_t count, unsigned i, unsigned of) noexcept {
    return count * i / of;
}

/// Sorts [0, order.size()) by `before`, each thread a share, which are then merged.
template <typename Item, typename Before>
void sort_in_parallel(std::vector<Item>& order, unsigned threads, Before before) {
    auto const at = [&](std::size_t i) { return order.begin() + std::ptrdiff_t(i); };
    geo::in_shares(order.size(), threads, [&](std::size_t begin, std::size_t end) {
        std::sort(at(begin), at(end), before);
    });
    for (unsigned i = 1; i < threads; ++i)
        std::inplace_merge(at(0), at(share(order.size(), i, threads)),
                           at(share(order.size(), i + 1, threads)), before);
}

/// The living rows in the run's order, and how many of them have geometry.
std::pair<std::vector<Source>, std::size_t> in_order(std::vector<Part> const& parts,
                                                     unsigned threads) {
    std::vector<Source> order;
    std::vector<Source> nowhere;
    for (std::uint32_t part = 0; part < parts.size(); ++part)
        for (std::uint32_t row = 0; row < parts[part].fids.size(); ++row)
            if (parts[part].is_alive(row))
                (parts[part].is_located(row) ? order : nowhere)
                    .push_back({0, part, row, parts[part].fids[row]});
    geo::in_shares(order.size(), threads, [&](std::size_t begin, std::size_t end) {
        for (auto i = begin; i < end; ++i)
            order[i].key = hilbert_of(parts[order[i].part].boxes[order[i].row]);
    });
    auto const before = [](Source const& a, Source const& b) {
        return a.key != b.key ? a.key < b.key : a.fid < b.fid;
    };
    sort_in_parallel(order, threads, before);
    std::sort(nowhere.begin(), nowhere.end(), before);
    auto const located = order.size();
    order.insert(order.end(), nowhere.begin(), nowhere.end());
    return {std::move(order), located};
}

void gather_shapes(std::vector<Part> const& parts, std::span<Source const> order, unsigned threads,
                   Arrays& to) {
    auto const rows = order.size();
    to.path_begin.resize(rows + 1);
    std::vector<std::uint32_t> first_point(rows + 1);
    for (std::size_t i = 0; i < rows; ++i) {
        auto const& from = parts[order[i].part];
        auto const row = order[i].row;
        auto const paths = from.path_begin[row + 1] - from.path_begin[row];
        auto const points =
            from.point_begin[from.path_begin[row + 1]] - from.point_begin[from.path_begin[row]];
        to.path_begin[i + 1] = to.path_begin[i] + paths;
        first_point[i + 1] = first_point[i] + points;
    }
    to.point_begin.resize(to.path_begin[rows] + std::size_t{1});
    to.points.resize(first_point[rows]);
    to.point_begin.back() = first_point[rows];
    bool const labels =
        std::ranges::any_of(parts, [](Part const& part) { return !part.labels.empty(); });
    to.safe_zooms.resize(rows);
    to.boxes.resize(rows);
    to.labels.resize(labels ? rows : 0);
    bool const measures =
        std::ranges::any_of(parts, [](Part const& part) { return !part.measures.empty(); });
    to.measures.resize(measures ? rows : 0);
    geo::in_shares(rows, threads, [&](std::size_t begin, std::size_t end) {
        for (auto i = begin; i < end; ++i) {
            auto const& from = parts[order[i].part];
            auto const row = order[i].row;
            to.safe_zooms[i] = from.safe_zooms[row];
            to.boxes[i] = from.boxes[row];
            if (labels) to.labels[i] = from.labels[row];
            if (measures) to.measures[i] = from.measures[row];
            auto const path = from.path_begin[row];
            auto const source = from.point_begin[path];
            for (std::uint32_t p = 0; p < to.path_begin[i + 1] - to.path_begin[i]; ++p)
                to.point_begin[to.path_begin[i] + p] =
                    from.point_begin[path + p] - source + first_point[i];
            std::copy_n(from.points.begin() + source, first_point[i + 1] - first_point[i],
                        to.points.begin() + first_point[i]);
        }
    });
    to.nodes = Tree::nodes_over(to.boxes);
}

/// Joins the parts' classes; rows are numbered by the classes of the run.
std::vector<RowClass> gather_classes(std::vector<Part> const& parts, std::span<Source const> order,
                                     Arrays& to) {
    std::vector<RowClass> table;
    std::map<std::pair<std::string_view, std::uint8_t>, std::uint32_t> numbers;
    std::vector<std::vector<std::uint32_t>> renumbered;
    for (auto const& part : parts) {
        auto& mine = renumbered.emplace_back();
        for (auto const& of : part.class_table) {
            auto const [at, is_new] =
                numbers.try_emplace({of.scope, of.sensitivity}, std::uint32_t(table.size()));
            if (is_new) table.push_back({of.scope, of.sensitivity, 0, 0, {}});
            mine.push_back(at->second);
        }
    }
    to.classes.resize(order.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
        auto const number = renumbered[order[i].part][parts[order[i].part].classes[order[i].row]];
        to.classes[i] = number;
        auto& of = table[number];
        ++of.rows;
        if (i >= to.boxes.size()) continue;
        ++of.located;
        of.box.extend(to.boxes[i]);
    }
    return table;
}

/// One column; values are numbered in the order in which the run's rows first use them, so that
/// those which no living row has stay behind.
void gather_column(std::vector<Part> const& parts, std::span<Source const> order,
                   std::size_t column, Names& tile_values, std::vector<std::uint32_t>& codes,
                   std::vector<std::uint32_t>& places) {
    constexpr std::uint32_t unknown = UINT32_MAX;
    Names own;
    places.assign(1, 0);
    std::vector<std::vector<std::uint32_t>> renumbered;
    for (auto const& part : parts) {
        auto const& values = part.columns[column];
        auto const count = values.places.empty() ? values.texts.size() + 1 : values.places.size();
        renumbered.emplace_back(count, unknown)[0] = 0;
    }
    codes.resize(order.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
        auto const& values = parts[order[i].part].columns[column];
        auto const code = values.codes[order[i].row];
        auto& number = renumbered[order[i].part][code];
        if (number == unknown) {
            auto const text = values.texts[values.places.empty() ? code - 1 : values.places[code]];
            auto const [mine, is_new] = own.number(text);
            if (is_new) places.push_back(tile_values.number(text).first);
            number = mine + 1;
        }
        codes[i] = number;
    }
}

void gather_fids(std::span<Source const> order, unsigned threads, Arrays& to) {
    std::vector<std::pair<std::int64_t, std::uint32_t>> sorted(order.size());
    to.fids.resize(order.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
        to.fids[i] = order[i].fid;
        sorted[i] = {order[i].fid, std::uint32_t(i)};
    }
    sort_in_parallel(sorted, threads, std::less<>{});
    to.by_fid.resize(order.size());
    for (std::size_t i = 0; i < order.size(); ++i) to.by_fid[i] = sorted[i].second;
}

void gather_periods(std::vector<Part> const& parts, std::vector<Source> const& order, Arrays& to) {
    if (std::all_of(parts.begin(), parts.end(), [](Part const& p) { return p.periods.empty(); }))
        return;
    to.periods.reserve(order.size());
    for (auto const& source : order) {
        auto const periods = parts[source.part].periods;
        to.periods.push_back(periods.empty() ? geo::Period{} : periods[source.row]);
    }
}

/// Which points the low zooms leave out: the same ones for all neighbours.
void simplify(unsigned threads, Arrays& to) {
    constexpr std::uint32_t lowest = 5; // the whole country on a screen; below, its answer stands
    auto const detail =
        pyramid::detail_of(to.points, to.point_begin, to.path_begin, lowest, true, threads);
    to.first_zooms = detail.first_zooms;
    to.bends.assign(detail.bends.all().begin(), detail.bends.all().end());
}

/// The run as seen over its arrays, which it keeps.
void view(Run& run, std::shared_ptr<Arrays const> arrays) {
    run.fids = arrays->fids;
    run.by_fid = arrays->by_fid;
    run.classes = arrays->classes;
    run.periods = arrays->periods;
    run.safe_zooms = arrays->safe_zooms;
    run.boxes = arrays->boxes;
    run.path_begin = arrays->path_begin;
    run.point_begin = arrays->point_begin;
    run.points = arrays->points;
    run.labels = arrays->labels;
    run.first_zooms = arrays->first_zooms;
    run.bends = arrays->bends;
    run.measures = arrays->measures;
    run.nodes = arrays->nodes;
    run.index = Tree{run.boxes, run.nodes};
    for (auto const& field : run.schema->fields)
        if (field.in_tiles()) {
            auto const c = run.columns.size();
            run.columns.push_back({&field, arrays->codes[c], arrays->places[c]});
        }
    run.tile_values = {arrays->text_ends, arrays->text_bytes};
    run.bytes = arrays->bytes();
    run.memory = std::move(arrays);
}

} // namespace

std::uint32_t hilbert_of(GridBox const& box) noexcept {
    auto const middle = [](std::int32_t low, std::int32_t high) {
        return std::uint32_t((std::int64_t{low} + high) / 2) >> 15U;
    };
    return geo::index::hilbert(middle(box.min_x, box.max_x), middle(box.min_y, box.max_y));
}

std::optional<std::uint32_t> Run::find(std::int64_t fid) const noexcept {
    auto const at = std::lower_bound(
        by_fid.begin(), by_fid.end(), fid,
        [this](std::uint32_t row, std::int64_t wanted) { return fids[row] < wanted; });
    if (at == by_fid.end() || fids[*at] != fid) return std::nullopt;
    return *at;
}

Part::Part(Rows const& rows)
    : fids{rows.fids}, classes{rows.classes}, periods{rows.periods}, safe_zooms{rows.safe_zooms},
      boxes{rows.boxes}, path_begin{rows.path_begin}, point_begin{rows.point_begin},
      points{rows.points}, labels{rows.labels}, measures{rows.measures}, class_table{
                                                                             rows.class_table} {
    for (auto const& column : rows.columns)
        columns.push_back({column.codes, {}, column.encoded.texts()});
}

Part::Part(LiveRun const& of)
    : live{&of}, fids{of.run->fids}, classes{of.run->classes}, periods{of.run->periods},
      safe_zooms{of.run->safe_zooms}, boxes{of.run->boxes}, path_begin{of.run->path_begin},
      point_begin{of.run->point_begin}, points{of.run->points}, labels{of.run->labels},
      measures{of.run->measures}, class_table{of.run->class_table} {
    for (auto const& column : of.run->columns)
        columns.push_back({column.codes, column.places, of.run->tile_values});
}

std::shared_ptr<Run const> gather(std::shared_ptr<geo::Schema const> schema,
                                  std::vector<Part> const& parts, unsigned threads) {
    auto const [order, located] = in_order(parts, threads);
    auto const arrays = std::make_shared<Arrays>();
    gather_shapes(parts, std::span{order}.first(located), threads, *arrays);
    if (schema->simplifies()) simplify(threads, *arrays);
    gather_fids(order, threads, *arrays);
    auto run = std::make_shared<Run>();
    run->class_table = gather_classes(parts, order, *arrays);
    gather_periods(parts, order, *arrays);
    auto const columns = parts.front().columns.size();
    arrays->codes.resize(columns);
    arrays->places.resize(columns);
    Names tile_values;
    for (std::size_t c = 0; c < columns; ++c)
        gather_column(parts, order, c, tile_values, arrays->codes[c], arrays->places[c]);
    std::tie(arrays->text_ends, arrays->text_bytes) = tile_values.take();
    run->schema = std::move(schema);
    view(*run, arrays);
    return run;
}

} // namespace diaban::tiles::mirror
