// Dark, unless somebody has chosen otherwise; Django's own switch and that of the pages keep the choice in one place.
if (!localStorage.getItem("theme")) localStorage.setItem("theme", "dark");
