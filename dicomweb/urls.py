"""The resources, as PS3.18 lists them: one row a line."""

from django.urls import URLPattern, path

from dicomweb import converters
from dicomweb.resource import resource
from dicomweb.views import (
    bulkdata,
    change_workitem_state,
    create_workitem,
    delete,
    event_channel,
    event_feed,
    event_ticket,
    instances,
    label_study,
    labels,
    metadata,
    pixel_data,
    rendered,
    request_cancellation,
    retrieve_workitem,
    search,
    search_workitems,
    store,
    subscribe,
    suspend,
    thumbnail,
    unsubscribe,
    update_workitem,
    wado_uri,
)
from workflow.uids import FILTERED_SUBSCRIPTION, GLOBAL_SUBSCRIPTION

converters.register()

STUDY = "studies/<uid:study>"
SERIES = f"{STUDY}/series/<uid:series>"
INSTANCE = f"{SERIES}/instances/<uid:instance>"
WORKITEM = "workitems/<uid:workitem>"
SUBSCRIBER = f"{WORKITEM}/subscribers/<ae:ae_title>"
EVENTS = "subscribers/<ae:ae_title>"

#: The service root, which config/urls.py has without its slash too.
SERVICE = resource("", GET=wado_uri.instance)

urlpatterns = [
    # URI Service, PS3.18 Section 9, also where many clients look for it; capabilities (Section 8.9)
    SERVICE,
    resource("wado", GET=wado_uri.instance),
    # Studies Service, PS3.18 Table 10.3-2: store and search
    resource("studies", GET=search.studies, POST=store.studies),
    resource("series", GET=search.series),
    resource("instances", GET=search.instances),
    resource(f"{STUDY}/series", GET=search.study_series),
    resource(f"{STUDY}/instances", GET=search.study_instances),
    resource(f"{SERIES}/instances", GET=search.series_instances),
    # Retrieve, and delete, which the standard does not have
    resource(STUDY, GET=instances.study, POST=store.study, DELETE=delete.study),
    resource(SERIES, GET=instances.series, DELETE=delete.series),
    resource(INSTANCE, GET=instances.instance, DELETE=delete.instance),
    resource(f"{STUDY}/metadata", GET=metadata.study),
    resource(f"{SERIES}/metadata", GET=metadata.series),
    resource(f"{INSTANCE}/metadata", GET=metadata.instance),
    resource(f"{INSTANCE}/frames/<frames:frames>", GET=pixel_data.frames),
    resource(f"{STUDY}/rendered", GET=rendered.study),
    resource(f"{SERIES}/rendered", GET=rendered.series),
    resource(f"{INSTANCE}/rendered", GET=rendered.instance),
    resource(f"{INSTANCE}/frames/<frames:frames>/rendered", GET=rendered.frames),
    resource(f"{STUDY}/thumbnail", GET=thumbnail.study),
    resource(f"{SERIES}/thumbnail", GET=thumbnail.series),
    resource(f"{INSTANCE}/thumbnail", GET=thumbnail.instance),
    resource(f"{INSTANCE}/frames/<frames:frames>/thumbnail", GET=thumbnail.frames),
    resource(f"{STUDY}/bulkdata", GET=bulkdata.study),
    resource(f"{SERIES}/bulkdata", GET=bulkdata.series),
    resource(f"{INSTANCE}/bulkdata", GET=bulkdata.instance),
    resource(f"{INSTANCE}/bulkdata/<path:reference>", GET=bulkdata.value),
    resource(f"{STUDY}/pixeldata", GET=pixel_data.study),
    resource(f"{SERIES}/pixeldata", GET=pixel_data.series),
    resource(f"{INSTANCE}/pixeldata", GET=pixel_data.instance),
    # Worklist Service, PS3.18 Section 11, with the paths and methods of other editions and of clients
    resource("workitems", GET=search_workitems.workitems, POST=create_workitem.workitems),
    resource(f"workitems/{GLOBAL_SUBSCRIPTION}", POST=suspend.global_subscription),
    resource(f"workitems/{FILTERED_SUBSCRIPTION}", POST=suspend.filtered_subscription),
    resource(WORKITEM, GET=retrieve_workitem.workitem, POST=update_workitem.workitem, PUT=update_workitem.workitem),
    resource(f"{WORKITEM}/state", PUT=change_workitem_state.state, POST=change_workitem_state.state),
    resource(f"{WORKITEM}/state/<ae:requester>", PUT=change_workitem_state.state, POST=change_workitem_state.state),
    resource(f"{WORKITEM}/cancelrequest", POST=request_cancellation.workitem, PUT=request_cancellation.workitem),
    resource(
        f"{WORKITEM}/cancelrequest/<ae:requester>",
        POST=request_cancellation.workitem,
        PUT=request_cancellation.workitem,
    ),
    resource(f"{SUBSCRIBER}/suspend", POST=suspend.subscription),
    resource(SUBSCRIBER, POST=subscribe.workitem, DELETE=unsubscribe.workitem),
    # Event channels, PS3.18 Section 8.10.4; over WebSocket they are `dicomweb/event_channel.py`
    resource(f"{EVENTS}/events", GET=event_feed.events),
    resource(f"{EVENTS}/tickets", POST=event_ticket.issue),
    resource(EVENTS, GET=event_channel.upgrade_required),
    resource(f"ws/{EVENTS}", GET=event_channel.upgrade_required),
]


#: Labels, which are the archive's own: below `/api/`, apart from what the standard has.
labeling = [
    resource("labels", GET=labels.labels),
    resource(f"{STUDY}/labels", GET=labels.study),
    resource(f"{STUDY}/labels/<path:label>", PUT=label_study.put, DELETE=label_study.delete),
]


def with_slash(row: URLPattern) -> URLPattern:
    return path(f"{row.pattern}/", row.callback)


#: Editions and clients end paths of the worklist with a slash. Nothing is redirected: a POST would lose its body.
slashed = [with_slash(row) for row in urlpatterns if str(row.pattern).startswith(("workitems", EVENTS, "ws"))]
