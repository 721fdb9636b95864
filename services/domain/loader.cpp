#include "services/domain/loader.hpp"

#include "data/postgis/copy.hpp"

#include <algorithm>
#include <exception>
#include <optional>
#include <thread>
#include <vector>

namespace diaban::services::domain {

namespace {

using data::postgis::CopyOut;
using data::postgis::Fields;

/// The mirror's fields are enough, unless a field that says when a row is is not among them, or the
/// search for places wants names that tiles do without.
Fields fields_needed(geo::Schema const& schema) {
    if (schema.id == "places") return Fields::impersonal;
    auto const needs = [&](geo::Field const& field) {
        bool const says_when = field.name == schema.time_field || field.name == "valid_from" ||
                               field.name == "valid_to";
        return says_when && !field.tile && !field.personal;
    };
    return std::ranges::any_of(schema.fields, needs) ? Fields::impersonal : Fields::tile;
}

/// One thread's share of a copy.
class Part {
public:
    Part(geo::Schema const& schema, std::vector<geo::Field> const& fields)
        : m_times{schema, fields}, m_census{m_times.any()} {
        if (schema.geometry != geo::GeometryKind::none) m_layer.emplace(schema);
        if (schema.id == "places") m_places.emplace(fields);
        bool all_tile = true;
        for (std::size_t i = 0; i < fields.size(); ++i) {
            if (fields[i].in_tiles())
                m_tile_columns.push_back(i);
            else
                all_tile = false;
        }
        if (all_tile) m_tile_columns.clear();
        m_all_tile = all_tile;
    }

    void take(geo::RowView const& row) {
        m_census.add(row, m_times.any() ? m_times.of(row.values) : std::nullopt);
        if (m_places) m_places->append(row);
        if (!m_layer || row.wkb.empty()) return;
        if (m_all_tile) {
            m_layer->append(row);
            return;
        }
        m_values.clear();
        for (auto const column : m_tile_columns) m_values.push_back(row.values[column]);
        auto narrowed = row;
        narrowed.values = m_values;
        m_layer->append(narrowed);
    }

    TimeFields m_times;
    Census m_census;
    std::optional<tiles::mirror::LayerBuilder> m_layer;
    std::optional<PlaceIndex::Builder> m_places;
    std::exception_ptr m_fault;

private:
    std::vector<std::size_t> m_tile_columns;
    bool m_all_tile = false;
    std::vector<geo::ValueView> m_values;
};

/// A thread costs a connection: small collections are copied by one.
unsigned parts_for(std::uint64_t rows, unsigned threads) {
    constexpr std::uint64_t rows_worth_a_thread = 2'000;
    if (rows == 0) return std::max(1u, threads); // not known to the planner yet
    return static_cast<unsigned>(
        std::clamp<std::uint64_t>(rows / rows_worth_a_thread, 1, std::max(1u, threads)));
}

void read_parts(CopyOut const& copy, std::vector<Part>& parts) {
    auto const count = static_cast<unsigned>(parts.size());
    auto const read = [&](unsigned number) {
        auto& part = parts[number];
        try {
            copy.read(number, count, [&](geo::RowView const& row) { part.take(row); });
        } catch (...) {
            part.m_fault = std::current_exception();
        }
    };
    std::vector<std::thread> threads;
    for (unsigned number = 1; number < count; ++number) threads.emplace_back(read, number);
    read(0);
    for (auto& thread : threads) thread.join();
    for (auto const& part : parts)
        if (part.m_fault) std::rethrow_exception(part.m_fault);
}

} // namespace

Copied copy_collection(std::string const& database, data::model::Collection const& collection,
                       unsigned threads) {
    auto const& schema = collection.schema;
    CopyOut const copy{database, collection, fields_needed(schema)};
    std::vector<Part> parts;
    auto const count = parts_for(copy.estimated_rows(), threads);
    parts.reserve(count);
    for (unsigned i = 0; i < count; ++i) parts.emplace_back(schema, copy.fields());
    read_parts(copy, parts);

    Copied copied;
    copied.cursor = {copy.cursor_generation(), copy.cursor_seq()};
    copied.census = Census{parts.front().m_times.any()};
    for (auto& part : parts) copied.census.join(std::move(part.m_census));
    copied.census.finish();
    if (schema.geometry == geo::GeometryKind::none) return copied;
    std::vector<tiles::mirror::LayerBuilder> builders;
    for (auto& part : parts) builders.push_back(std::move(*part.m_layer));
    copied.layer = tiles::mirror::Layer::build(std::move(builders), threads);
    if (schema.id == "places") {
        std::vector<PlaceIndex::Builder> places;
        for (auto& part : parts) places.push_back(std::move(*part.m_places));
        copied.places =
            std::make_shared<PlaceIndex const>(PlaceIndex::build(std::move(places), *copied.layer));
    }
    return copied;
}

} // namespace diaban::services::domain
