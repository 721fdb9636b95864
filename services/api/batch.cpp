#include "services/api/batch.hpp"

#include "geo/error.hpp"
#include "services/api/edit_answer.hpp"
#include "services/api/edit_request.hpp"
#include "services/api/json.hpp"
#include "services/domain/feature_draft.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <utility>

namespace diaban::services::api {

namespace {

using data::model::Answer;
using data::model::Edit;
using data::model::Edited;
using data::model::EditKind;
using domain::Fault;
using Body = nlohmann::json;

constexpr std::int64_t highest_fid = 9'007'199'254'740'991;

/// Reads the changes of a batch as edits.
class BatchReader {
public:
    BatchReader(Backing const& backing, http::Context const& context)
        : m_backing{backing}, m_context{context} {}

    void read(Body const& body) {
        auto const changes = body.is_object() ? body.find("changes") : body.end();
        if (!body.is_object() || changes == body.end() || !changes->is_array() ||
            changes->empty()) {
            note("/changes", "bad-batch", {{"accepted", "{\"changes\": [{…}, …]}"}});
            return;
        }
        if (changes->size() > most_changes)
            throw geo::Error{geo::Code::too_large,
                             "batch-too-large",
                             {{"accepted", std::to_string(most_changes)}}};
        for (std::size_t i = 0; i < changes->size(); ++i)
            read_change((*changes)[i], fmt::format("/changes/{}", i));
    }

    [[nodiscard]] std::vector<Edit> const& edits() const noexcept { return m_edits; }
    /// Of each edit.
    [[nodiscard]] std::vector<geo::Policy const*> const& policies() const noexcept {
        return m_policies;
    }
    [[nodiscard]] std::vector<Fault> const& faults() const noexcept { return m_faults; }

private:
    void note(std::string pointer, std::string type, geo::Error::Parameters parameters) {
        m_faults.push_back({std::move(pointer), std::move(type), std::move(parameters)});
    }

    domain::View const* view_of(std::string const& id, std::string const& pointer) {
        auto& view = m_views[id];
        try {
            if (!m_context.sees(id)) throw http::unknown_collection(id);
            if (!view) view = m_backing.atlas.view(id);
        } catch (geo::Error const& error) {
            if (error.code() != geo::Code::not_found) throw;
            note(pointer + "/collection", error.type(), error.parameters());
        }
        return view.get();
    }

    static std::string text_of(Body const& change, char const* name) {
        auto const it = change.find(name);
        return it != change.end() && it->is_string() ? it->get<std::string>() : std::string{};
    }

    void read_change(Body const& change, std::string const& pointer) {
        if (!change.is_object())
            return note(pointer, "bad-batch",
                        {{"accepted", "{method, collection, fid, ifMatch, body}"}});
        auto const method = http::method_named(text_of(change, "method"));
        if (!method || *method == http::Method::get || *method == http::Method::head ||
            *method == http::Method::options)
            return note(pointer + "/method", "bad-batch",
                        {{"accepted", "POST, PUT, PATCH, DELETE"}});
        auto const* const view = view_of(text_of(change, "collection"), pointer);
        if (view == nullptr) return;
        Edit edit{.collection = &view->collection,
                  .kind = *method == http::Method::post     ? EditKind::create
                          : *method == http::Method::remove ? EditKind::remove
                                                            : EditKind::change,
                  .fid = 0,
                  .expected = {},
                  .values = {},
                  .geometry = {}};
        if (edit.kind != EditKind::create && !name_row(change, pointer, edit)) return;
        if (edit.kind != EditKind::remove)
            read_body(change, *method == http::Method::patch, pointer, edit);
        m_policies.push_back(&m_context.edit_policy(edit.collection->schema.id));
        m_edits.push_back(std::move(edit));
    }

    bool name_row(Body const& change, std::string const& pointer, Edit& edit) {
        auto const fid = change.find("fid");
        if (fid == change.end() || !fid->is_number_integer() || *fid < 0 || *fid > highest_fid) {
            note(pointer + "/fid", "bad-batch", {{"accepted", fmt::format("0..{}", highest_fid)}});
            return false;
        }
        edit.fid = fid->get<std::int64_t>();
        if (!m_rows.emplace(edit.collection->schema.id, edit.fid).second)
            note(pointer + "/fid", "same-row", {{"value", std::to_string(edit.fid)}});
        auto const condition = read_condition(text_of(change, "ifMatch"));
        if (condition)
            edit.expected = condition->expected();
        else
            note(pointer + "/ifMatch", "condition-needed", {});
        return true;
    }

    void read_body(Body const& change, bool patch, std::string const& pointer, Edit& edit) {
        auto const body = change.find("body");
        auto const& given = body == change.end() ? m_nothing : *body;
        geo::Geometry current;
        if (patch && domain::patches_within_geometry(given)) {
            auto item = m_backing.store.item(*edit.collection, edit.fid,
                                             m_context.edit_policy(edit.collection->schema.id));
            if (item) {
                if (!edit.expected) edit.expected = std::vector{item->stamp};
                std::erase_if(*edit.expected, [&](auto const& s) { return s != item->stamp; });
                current = std::move(item->feature.geometry);
            }
        }
        domain::read_feature(given, current, patch ? domain::Extent::patch : domain::Extent::whole,
                             m_context.edit_policy(edit.collection->schema.id), pointer + "/body",
                             edit, m_faults);
    }

    Backing const& m_backing;
    http::Context const& m_context;
    Body m_nothing;
    std::map<std::string, std::shared_ptr<domain::View const>> m_views;
    std::set<std::pair<std::string, std::int64_t>> m_rows;
    std::vector<Edit> m_edits;
    std::vector<geo::Policy const*> m_policies;
    std::vector<Fault> m_faults;
};

Answer describe(http::Context const& context, std::vector<Edit> const& edits,
                std::vector<Edited> const& edited, Return preference) {
    std::string body = R"({"results":[)";
    for (std::size_t i = 0; i < edits.size(); ++i) {
        auto const& schema = edits[i].collection->schema;
        Json result{{"collection", schema.id}, {"fid", edited[i].fid}};
        bool const gone = edits[i].kind == EditKind::remove;
        result["status"] = edits[i].kind == EditKind::create ? 201 : gone ? 204 : 200;
        if (!gone) {
            result["etag"] = fmt::format("\"{}\"", state_tag(edited[i].stamp));
            result["href"] =
                fmt::format("{}/collections/{}/items/{}", context.origin, schema.id, edited[i].fid);
        }
        auto text = dump(result);
        if (edited[i].feature) {
            text.back() = ',';
            text += R"("feature":)";
            append_feature(text, *edited[i].feature,
                           data::model::visible(schema, context.edit_policy(schema.id)).fields);
            text += '}';
        }
        body += (i > 0 ? "," : "") + text;
    }
    body += "]}";
    Answer answer{200, {{"Content-Type", "application/json"}}, std::move(body)};
    if (preference != Return::unsaid)
        answer.headers.emplace_back("Preference-Applied", preference == Return::minimal
                                                              ? "return=minimal"
                                                              : "return=representation");
    return answer;
}

/// 412 (404 if nothing but missing items is to blame) with the place of each change that cannot be
/// made.
http::Response refuse(http::Context const& context, std::vector<Edit> const& edits,
                      std::vector<data::model::Refusal> const& refused) {
    std::vector<Fault> faults;
    bool stale = false;
    for (auto const& refusal : refused) {
        auto const pointer = fmt::format("/changes/{}", refusal.edit);
        auto const& edit = edits[refusal.edit];
        stale |= refusal.current.has_value();
        if (refusal.current)
            faults.push_back(
                {pointer + "/ifMatch", "row-changed", {{"current", state_tag(*refusal.current)}}});
        else
            faults.push_back({pointer + "/fid",
                              "no-row",
                              {{"collection", edit.collection->schema.id},
                               {"value", std::to_string(edit.fid)}}});
    }
    auto const& first = refused.front();
    if (!stale)
        return http::problem(geo::Error{geo::Code::not_found,
                                        "no-item",
                                        {{"collection", edits[first.edit].collection->schema.id},
                                         {"value", std::to_string(edits[first.edit].fid)}}},
                             404, context.language, context.request.path, faults);
    auto const stale_one =
        std::ranges::find_if(refused, [](auto const& r) { return bool(r.current); });
    return http::problem(geo::Error{geo::Code::conflict,
                                    "condition-failed",
                                    {{"current", state_tag(*stale_one->current)}}},
                         412, context.language, context.request.path, faults);
}

http::Response answer_batch(Backing const& backing, http::Context const& context) {
    auto const body = read_json_body(context, {"application/json"});
    auto const preference = read_preference(context.request);
    auto const author = read_author(context);
    BatchReader reader{backing, context};
    reader.read(body);
    if (!reader.faults().empty()) return refuse_faults(context, reader.faults());
    auto const answer_of = [&](std::vector<Edited> const& edited) {
        return describe(context, reader.edits(), edited, preference);
    };
    auto const outcome = backing.editing.apply({.edits = reader.edits(),
                                                .author = author,
                                                .policies = reader.policies(),
                                                .features = preference == Return::representation,
                                                .key = read_key(context.request),
                                                .describe = answer_of});
    if (!outcome.refused.empty()) return refuse(context, reader.edits(), outcome.refused);
    return respond(outcome.answer ? *outcome.answer : answer_of(outcome.edited), outcome);
}

} // namespace

void add_batch(http::Router& router, Backing const& backing) {
    router.add(http::Method::post, access::Need::edit, "/batch", {},
               [&backing](http::Context const& context) { return answer_batch(backing, context); });
}

} // namespace diaban::services::api
