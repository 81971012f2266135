"""The pages of the worklist."""

from django.urls import path

from workflow.pages import acts, rules, study_steps, workitem, worklist

app_name = "workflow"

WORKITEM = "worklist/<str:workitem>"

urlpatterns = [
    path("worklist/", worklist.index, name="worklist"),
    path("worklist/changes", worklist.changes, name="worklist_changes"),
    path("worklist/rules", rules.rules, name="rules"),
    path(WORKITEM, workitem.step, name="workitem"),
    path(f"{WORKITEM}/changes", workitem.changes, name="workitem_changes"),
    path(f"{WORKITEM}/attributes", workitem.attributes, name="workitem_attributes"),
    path(f"{WORKITEM}/claim", acts.claim, name="claim"),
    path(f"{WORKITEM}/progress", acts.progress, name="progress"),
    path(f"{WORKITEM}/complete", acts.complete, name="complete"),
    path(f"{WORKITEM}/cancel", acts.cancel, name="cancel"),
    path(f"{WORKITEM}/ask-to-cancel", acts.ask_to_cancel, name="ask_to_cancel"),
    path(f"{WORKITEM}/force-cancel", acts.force, name="force_cancel"),
    path(f"{WORKITEM}/take-over", acts.take_over, name="take_over"),
    path("studies/<str:study>/steps", study_steps.study_steps, name="study_steps"),
]
