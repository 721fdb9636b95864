#include "services/api/work_edit.hpp"

#include "geo/codec/rfc3339.hpp"
#include "geo/error.hpp"
#include "services/api/edit_request.hpp"
#include "services/api/json.hpp"

#include <algorithm>
#include <chrono>
#include <vector>

namespace diaban::services::api {

namespace {

std::size_t field_of(geo::Schema const& schema, std::string_view name) {
    auto const& fields = schema.fields;
    return std::size_t(std::ranges::find(fields, name, &geo::Field::name) - fields.begin());
}

void set(data::model::Edit& edit, NamedValues values) {
    for (auto const& [name, value] : values)
        edit.values.emplace_back(field_of(edit.collection->schema, name), value);
}

} // namespace

std::string StoredRow::text(std::string_view field) const {
    auto const at = field_of(shown, field);
    if (at >= item.feature.values.size()) return {};
    auto const* const held = std::get_if<std::string>(&item.feature.values[at]);
    return held == nullptr ? std::string{} : *held;
}

StoredRow stored_row(Backing const& backing, http::Context const& context,
                     std::string_view collection, std::int64_t fid) {
    auto const& policy = context.edit_policy(collection);
    StoredRow row;
    row.view = backing.atlas.view(std::string{collection});
    auto item = backing.store.item(row.view->collection, fid, policy);
    if (!item)
        throw geo::Error{geo::Code::not_found,
                         "no-item",
                         {{"collection", std::string{collection}}, {"value", std::to_string(fid)}}};
    row.item = std::move(*item);
    row.shown = data::model::visible(row.view->collection.schema, policy);
    return row;
}

data::model::Edit change_of(StoredRow const& row, NamedValues values) {
    data::model::Edit edit;
    edit.collection = &row.view->collection;
    edit.kind = data::model::EditKind::change;
    edit.fid = row.item.feature.fid;
    edit.expected = std::vector{row.item.stamp};
    set(edit, values);
    return edit;
}

data::model::Edit new_row(domain::View const& view, NamedValues values) {
    data::model::Edit edit;
    edit.collection = &view.collection;
    edit.kind = data::model::EditKind::create;
    set(edit, values);
    return edit;
}

std::vector<std::int64_t> write_all(Backing const& backing, http::Context const& context,
                                    std::span<data::model::Edit const> edits) {
    std::vector<geo::Policy const*> policies;
    for (auto const& edit : edits)
        policies.push_back(&context.edit_policy(edit.collection->schema.id));
    return backing.editing.write_all(edits, read_author(context), policies);
}

geo::Instant now() {
    using namespace std::chrono;
    return {duration_cast<microseconds>(system_clock::now().time_since_epoch()).count()};
}

Json instant_json(std::optional<geo::Instant> const& instant) {
    if (!instant) return nullptr;
    std::string text;
    geo::codec::append_instant(text, *instant);
    return text;
}

Json day_json(std::optional<geo::Date> const& day) {
    if (!day) return nullptr;
    return geo::codec::date_text(*day);
}

Json text_json(std::string const& text) {
    return text.empty() ? Json{} : Json(text);
}

} // namespace diaban::services::api
