#include "services/api/edits.hpp"

#include "geo/error.hpp"
#include "services/api/crs.hpp"
#include "services/api/edit_answer.hpp"
#include "services/api/edit_request.hpp"
#include "services/api/features.hpp"
#include "services/api/parameters.hpp"
#include "services/domain/feature_draft.hpp"
#include "services/http/representation.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace diaban::services::api {

namespace {

using data::model::Answer;
using data::model::Edit;
using data::model::Edited;
using data::model::EditKind;

/// One request for one item.
struct Asked {
    std::string const& collection;
    std::int64_t fid; ///< 0: a new one
};

std::string url_of(http::Context const& context, std::string const& collection, std::int64_t fid) {
    return fmt::format("{}/collections/{}/items/{}", context.origin, collection, fid);
}

[[noreturn]] void no_item(Asked const& asked) {
    throw geo::Error{geo::Code::not_found,
                     "no-item",
                     {{"collection", asked.collection}, {"value", std::to_string(asked.fid)}}};
}

/// Throws   Error{conflict, "condition-needed"}; Error{bad_input, "bad-header"}.
Condition condition_of(Backing const& backing, http::Context const& context,
                       domain::View const& view, Asked const& asked) {
    auto const field = context.request.header_list("if-match");
    if (field.empty()) {
        if (!backing.store.item(view.collection, asked.fid, context.edit_policy(asked.collection)))
            no_item(asked);
        throw geo::Error{geo::Code::conflict, "condition-needed"};
    }
    auto condition = read_condition(field);
    if (!condition)
        throw geo::Error{geo::Code::bad_input,
                         "bad-header",
                         {{"parameter", "If-Match"},
                          {"value", field.substr(0, 64)},
                          {"accepted", "\"4-63c…\", *"}}};
    return *std::move(condition);
}

/// What the edit's answer says, made of the row as it is after it.
Answer describe(http::Context const& context, Edit const& edit, Edited const& edited,
                Return preference) {
    auto const& collection = *edit.collection;
    auto const url = url_of(context, collection.schema.id, edited.fid);
    Answer answer;
    bool const made = edit.kind == EditKind::create;
    if (made) answer.headers.emplace_back("Location", url);
    if (preference != Return::unsaid)
        answer.headers.emplace_back("Preference-Applied", preference == Return::minimal
                                                              ? "return=minimal"
                                                              : "return=representation");
    auto const state = state_tag(edited.stamp);
    if (!edited.feature) {
        answer.status = made ? 201 : 204;
        if (edit.kind != EditKind::remove)
            answer.headers.emplace_back("ETag", fmt::format("\"{}\"", state));
        return answer;
    }
    answer.status = made ? 201 : 200;
    answer.body = item_json(context, collection, *edited.feature);
    answer.headers.emplace_back("Content-Type", "application/geo+json");
    answer.headers.emplace_back("Content-Location", url);
    answer.headers.emplace_back("Content-Crs", fmt::format("<{}>", crs84));
    answer.headers.emplace_back("ETag", http::etag_of(answer.body, state));
    return answer;
}

[[noreturn]] void refuse(Asked const& asked, data::model::Refusal const& refusal,
                         http::Method method) {
    // Part 4: a PUT whose condition names a state of nothing has failed its condition.
    if (!refusal.current && method != http::Method::put) no_item(asked);
    throw geo::Error{geo::Code::conflict,
                     "condition-failed",
                     {{"current", refusal.current ? state_tag(*refusal.current) : "—"}}};
}

http::Response finish(Backing const& backing, http::Context const& context, Asked const& asked,
                      Edit const& edit) {
    auto const preference = read_preference(context.request);
    auto const author = read_author(context);
    auto const* const policy = &context.edit_policy(asked.collection);
    auto const answer_of = [&](std::vector<Edited> const& edited) {
        return describe(context, edit, edited.front(), preference);
    };
    auto const outcome = backing.editing.apply(
        {.edits = std::span{&edit, 1},
         .author = author,
         .policies = std::span{&policy, 1},
         .features = preference != Return::minimal && edit.kind != EditKind::remove,
         .key = read_key(context.request),
         .describe = answer_of});
    if (!outcome.refused.empty()) refuse(asked, outcome.refused.front(), context.request.method);
    return respond(outcome.answer ? *outcome.answer : answer_of(outcome.edited), outcome);
}

/// What a patch that gives a geometry object in part is to be merged with; the edit then holds for
/// that state alone.
geo::Geometry current_geometry(Backing const& backing, http::Context const& context,
                               domain::View const& view, Asked const& asked, Edit& edit) {
    auto item =
        backing.store.item(view.collection, asked.fid, context.edit_policy(asked.collection));
    if (!item) no_item(asked);
    if (!edit.expected) edit.expected = std::vector{item->stamp};
    std::erase_if(*edit.expected, [&](auto const& stamp) { return stamp != item->stamp; });
    return std::move(item->feature.geometry);
}

http::Response write(Backing const& backing, http::Context const& context, Asked const& asked,
                     EditKind kind) {
    auto const view = backing.atlas.view(asked.collection);
    Edit edit{.collection = &view->collection,
              .kind = kind,
              .fid = asked.fid,
              .expected = {},
              .values = {},
              .geometry = {}};
    if (kind != EditKind::create)
        edit.expected = condition_of(backing, context, *view, asked).expected();
    if (kind == EditKind::remove) return finish(backing, context, asked, edit);
    bool const patch = context.request.method == http::Method::patch;
    auto const body =
        patch ? read_feature_body(context, {"application/merge-patch+json"})
              : read_feature_body(context, {"application/geo+json", "application/json"});
    geo::Geometry current;
    if (patch && domain::patches_within_geometry(body))
        current = current_geometry(backing, context, *view, asked, edit);
    std::vector<domain::Fault> faults;
    domain::read_feature(body, current, patch ? domain::Extent::patch : domain::Extent::whole,
                         context.edit_policy(asked.collection), "", edit, faults);
    if (!faults.empty()) return refuse_faults(context, faults);
    return finish(backing, context, asked, edit);
}

} // namespace

void add_edits(http::Router& router, Backing const& backing) {
    router.add(http::Method::post, access::Need::edit, "/collections/{collectionId}/items", {},
               [&backing](http::Context const& context, std::string const& id) {
                   return write(backing, context, {id, 0}, EditKind::create);
               });
    for (auto const method : {http::Method::put, http::Method::patch, http::Method::remove})
        router.add(method, access::Need::edit, "/collections/{collectionId}/items/{featureId}", {},
                   [&backing, method](http::Context const& context, std::string const& id,
                                      std::int64_t fid) {
                       return write(backing, context, {id, fid},
                                    method == http::Method::remove ? EditKind::remove
                                                                   : EditKind::change);
                   });
}

} // namespace diaban::services::api
