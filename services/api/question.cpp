#include "services/api/question.hpp"

#include "geo/error.hpp"
#include "services/api/crs.hpp"
#include "services/api/filters.hpp"
#include "services/api/parameters.hpp"
#include "services/domain/standing.hpp"

namespace diaban::services::api {

Question read_question(Backing const& backing, http::Context const& context,
                       std::string const& id) {
    Question question;
    auto window = read_window(context.query);
    question.choice.boxes = std::move(window.boxes);
    question.view = backing.atlas.view(id);
    question.choice.period =
        domain::meant(question.view->layer->schema(), read_datetime(context.query));
    question.choice.filter = read_filter(context.query, question.view->layer->schema(),
                                         context.policy(id), std::move(window.shape));
    return question;
}

Counting counting_of(Question const& question, http::Context const& context) {
    auto const& id = question.view->id();
    auto const& read = context.policy(id);
    auto const* const wide = context.visitor.rights->find(id, access::Action::count);
    auto const& choice = question.choice;
    bool const chooses = !choice.boxes.empty() || choice.period || choice.filter;
    if (wide == nullptr || chooses || wide->key() == read.key()) return {read};
    return {*wide, true};
}

geo::Field const& read_field(domain::View const& view, geo::Policy const& policy,
                             std::string_view name,
                             std::function<bool(geo::Field const&)> const& fits) {
    std::string accepted;
    for (auto const& known : geo::filter::queryables(view.layer->schema(), policy)) {
        if (known.field == nullptr || !fits(*known.field)) continue;
        if (known.name == name) return *known.field;
        accepted += (accepted.empty() ? "" : ", ") + known.name;
    }
    throw geo::Error{geo::Code::bad_input,
                     "unanswerable-field",
                     {{"value", std::string{name.substr(0, 64)}}, {"accepted", accepted}}};
}

bool is_number(geo::Field const& field) noexcept {
    return field.type == geo::FieldType::integer || field.type == geo::FieldType::number;
}

std::vector<std::string> question_parameters(std::initializer_list<std::string> besides) {
    std::vector<std::string> names{"f",      "bbox",        "bbox-crs",  "datetime",
                                   "filter", "filter-lang", "filter-crs"};
    names.insert(names.end(), besides);
    return names;
}

} // namespace diaban::services::api
