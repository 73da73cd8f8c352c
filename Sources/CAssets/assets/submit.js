// Sends the form of the page on, as if its button had been pressed (SAML Bindings §3.5.4).
(() => {
    "use strict";
    const form = document.querySelector("form[data-submit]");
    if (form) { form.submit(); }
})();
