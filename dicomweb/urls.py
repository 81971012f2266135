"""The resources, as PS3.18 lists them: one row a line."""

from dicomweb import converters
from dicomweb.resource import resource
from dicomweb.views import bulkdata, delete, instances, metadata, pixel_data, search, search_workitems, store, wado_uri

converters.register()

STUDY = "studies/<uid:study>"
SERIES = f"{STUDY}/series/<uid:series>"
INSTANCE = f"{SERIES}/instances/<uid:instance>"

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
    resource(f"{STUDY}/bulkdata", GET=bulkdata.study),
    resource(f"{SERIES}/bulkdata", GET=bulkdata.series),
    resource(f"{INSTANCE}/bulkdata", GET=bulkdata.instance),
    resource(f"{INSTANCE}/bulkdata/<path:reference>", GET=bulkdata.value),
    resource(f"{STUDY}/pixeldata", GET=pixel_data.study),
    resource(f"{SERIES}/pixeldata", GET=pixel_data.series),
    resource(f"{INSTANCE}/pixeldata", GET=pixel_data.instance),
    # Worklist Service, PS3.18 Section 11
    resource("workitems", GET=search_workitems.workitems),
]
