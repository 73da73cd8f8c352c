// Passkeys in our forms (Web Authentication Level 3 §5.1). A form with data-passkey asks the browser for one: "get"
// proves it, "create" makes it. What is asked stands in data-options, bytes as base64url; the answer goes into the field
// `passkey`, and the form is sent like any other. Without this script everything works but passkeys.
(() => {
    "use strict";
    const credentials = navigator.credentials;
    if (!window.PublicKeyCredential || !credentials) { return; }

    const fields = {
        get: ["clientDataJSON", "authenticatorData", "signature", "userHandle"],
        create: ["clientDataJSON", "attestationObject"],
    };
    let isBusy = false;
    let waiting = null;

    const bytes = (text) =>
        Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));

    const text = (buffer) => {
        let letters = "";
        for (const octet of new Uint8Array(buffer)) { letters += String.fromCharCode(octet); }
        return btoa(letters).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
    };

    const options = (form) => {
        const asked = JSON.parse(form.dataset.options);
        asked.challenge = bytes(asked.challenge);
        if (asked.user) { asked.user.id = bytes(asked.user.id); }
        for (const entry of [...(asked.allowCredentials || []), ...(asked.excludeCredentials || [])]) {
            entry.id = bytes(entry.id);
        }
        return asked;
    };

    // A page has one box for staying signed in. Where another form holds it, it counts for this one too.
    const follow = (form) => {
        const box = document.querySelector("input[type=checkbox][name=remember]");
        if (!box || box.form === form) { return; }
        let field = form.elements.remember;
        if (!field) {
            field = Object.assign(document.createElement("input"), { type: "hidden", name: "remember", value: "1" });
            form.append(field);
        }
        field.disabled = !box.checked;
    };

    const send = (form, credential) => {
        const { response } = credential;
        const answer = { id: credential.id };
        for (const name of fields[form.dataset.passkey]) {
            if (response[name]) { answer[name] = text(response[name]); }
        }
        if (response.getTransports) { answer.transports = response.getTransports(); }
        form.elements.passkey.value = JSON.stringify(answer);
        follow(form);
        isBusy = true;
        form.submit();
    };

    const say = (form, words) => {
        const alert = form.querySelector("[role=alert]");
        alert.textContent = words;
        alert.hidden = words === "";
    };

    const wordsFor = (form, error) => {
        switch (error.name) {
        case "NotAllowedError":
        case "AbortError":
            return form.dataset.cancelled;
        case "InvalidStateError":
            return form.dataset.taken;
        default:
            return form.dataset.failed;
        }
    };

    // Behind the field for the address the browser offers passkeys itself, until somebody presses the button.
    const wait = async (form) => {
        const knows = PublicKeyCredential.isConditionalMediationAvailable;
        if (!knows || !(await knows.call(PublicKeyCredential)) || isBusy) { return; }
        waiting = new AbortController();
        const asked = { publicKey: options(form), mediation: "conditional", signal: waiting.signal };
        try {
            send(form, await credentials.get(asked));
        } catch {
            // Nobody chose one: the button and the other ways are still there.
        }
    };

    const ask = async (event) => {
        const form = event.target;
        event.preventDefault();
        if (isBusy) { return; }
        isBusy = true;
        if (waiting) { waiting.abort(); }
        say(form, "");
        try {
            send(form, await credentials[form.dataset.passkey]({ publicKey: options(form) }));
        } catch (error) {
            isBusy = false;
            say(form, wordsFor(form, error));
            if ("conditional" in form.dataset) { wait(form); }
        }
    };

    for (const form of document.querySelectorAll("form[data-passkey]")) {
        form.addEventListener("submit", ask);
        form.hidden = false;
        if ("conditional" in form.dataset) { wait(form); }
    }
    for (const note of document.querySelectorAll("[data-without-passkeys]")) { note.hidden = true; }
    // Back again from the next page, as the browser kept this one.
    window.addEventListener("pageshow", (event) => { isBusy = isBusy && !event.persisted; });
})();
