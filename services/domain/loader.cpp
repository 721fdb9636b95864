#include "services/domain/loader.hpp"

#include "data/postgis/copy.hpp"

#include <algorithm>
#include <exception>
#include <thread>

namespace diaban::services::domain {

namespace {

using data::postgis::CopyOut;
using data::postgis::Fields;

/// A thread costs a connection: small collections are copied by one.
unsigned parts_for(CopyOut const& copy, unsigned threads) {
    constexpr std::uint64_t rows_worth_a_thread = 2'000;
    constexpr std::uint64_t blocks_worth_a_thread = 32;
    auto const rows = copy.estimated_rows();
    if (rows == 0) // not known to the planner yet
        return copy.blocks() < blocks_worth_a_thread ? 1 : std::max(1u, threads);
    return static_cast<unsigned>(
        std::clamp<std::uint64_t>(rows / rows_worth_a_thread, 1, std::max(1u, threads)));
}

void read_parts(CopyOut const& copy, std::vector<MirrorRows>& parts) {
    auto const count = static_cast<unsigned>(parts.size());
    std::vector<std::exception_ptr> faults(count);
    auto const read = [&](unsigned number) {
        try {
            copy.read(number, count, [&](geo::RowView const& row) { parts[number].take(row); });
        } catch (...) {
            faults[number] = std::current_exception();
        }
    };
    {
        std::vector<std::jthread> threads;
        for (unsigned number = 1; number < count; ++number) threads.emplace_back(read, number);
        read(0);
    }
    for (auto const& fault : faults)
        if (fault) std::rethrow_exception(fault);
}

} // namespace

Fields mirrored(geo::Schema const& schema) {
    auto const says_when = [&](geo::Field const& field) {
        return is_time_field(schema, field) && !field.tile && !field.personal;
    };
    return std::ranges::any_of(schema.fields, says_when) ? Fields::impersonal : Fields::tile;
}

MirrorRows::MirrorRows(std::shared_ptr<geo::Schema const> schema,
                       std::vector<geo::Field> const& fields)
    : m_layer{schema} {
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (fields[i].in_tiles()) m_columns.push_back(i);
        if (is_time_field(*schema, fields[i])) m_time = i;
    }
}

void MirrorRows::take(geo::RowView const& row) {
    auto narrowed = row;
    if (m_time) narrowed.period = period_of(row.values[*m_time]);
    if (m_columns.size() < row.values.size()) {
        m_values.clear();
        for (auto const column : m_columns) m_values.push_back(row.values[column]);
        narrowed.values = m_values;
    }
    m_layer.append(narrowed);
}

Copied copy_collection(data::postgis::CopyLine& line, data::model::Collection const& collection,
                       unsigned threads) {
    CopyOut const copy{line, collection, mirrored(collection.schema)};
    auto const schema = std::make_shared<geo::Schema const>(collection.schema);
    std::vector<MirrorRows> parts;
    auto const count = parts_for(copy, threads);
    parts.reserve(count);
    for (unsigned i = 0; i < count; ++i) parts.emplace_back(schema, copy.fields());
    read_parts(copy, parts);

    std::vector<tiles::mirror::LayerBuilder> builders;
    for (auto& part : parts) builders.push_back(part.release());
    std::optional<std::uint32_t> native_zoom;
    if (collection.native_zoom >= 0)
        native_zoom = static_cast<std::uint32_t>(collection.native_zoom);
    return {tiles::mirror::Layer::build(std::move(builders), threads, native_zoom),
            {copy.cursor_generation(), copy.cursor_seq()}};
}

std::shared_ptr<PlaceIndex const> read_places(std::string const& database,
                                              data::model::Collection const& places,
                                              tiles::mirror::Layer const& layer) {
    CopyOut const copy{database, places, Fields::impersonal};
    PlaceIndex::Builder builder{copy.fields()};
    copy.read(0, 1, [&](geo::RowView const& row) { builder.append(row); });
    return std::make_shared<PlaceIndex const>(PlaceIndex::build(std::move(builder), layer));
}

} // namespace diaban::services::domain
