//! Validation of message contents against the site's origins and settings, which the message alone
//! does not allow. A message without such parts costs no query.

use super::{App, AppError};
use belfry_content::template;
use belfry_domain::{
    Language, Link, MessageContent, MessageEdit, MessageId, SiteId, ValidationError, WebUrl,
};
use belfry_locales::phrases::errors;
use std::collections::BTreeMap;

type Contents = BTreeMap<Language, MessageContent>;

impl App {
    /// Pictures and links of a message.
    pub(super) async fn check_media(
        &self,
        site: SiteId,
        content: &Contents,
    ) -> Result<(), AppError> {
        self.check_pictures(site, content).await?;
        self.check_links(site, content).await
    }

    /// The contents of a message after an edit.
    pub(super) async fn check_edit(
        &self,
        site: SiteId,
        message: MessageId,
        edit: &MessageEdit,
    ) -> Result<(), AppError> {
        if let (Some(content), None) = (&edit.content, edit.variables) {
            // Contents that were parsed with known variables have been checked.
            if template::is_personal(content) && self.message(site, message).await?.has_variables()
            {
                check_variables(content)?;
            }
        } else if let (None, Some(true)) = (&edit.content, edit.variables) {
            let filled = self.message(site, message).await?.content.into_iter().map(
                |(language, content)| (language, MessageContent { is_literal: false, ..content }),
            );
            check_variables(&filled.collect())?;
        }
        match &edit.content {
            Some(content) => self.check_media(site, content).await,
            None => Ok(()),
        }
    }

    /// Browsers block a picture over http, unless it comes from the site's own pages or from here.
    async fn check_pictures(&self, site: SiteId, content: &Contents) -> Result<(), AppError> {
        let plain =
            |content: &MessageContent| content.image.as_ref().is_some_and(WebUrl::is_plain_http);
        if !content.values().any(plain) {
            return Ok(());
        }
        let site = self.site(site).await?;
        let kept_here = format!("/m/{}/", site.id);
        for (language, image) in content
            .iter()
            .filter_map(|(language, content)| Some((language, content.image.as_ref()?)))
        {
            let origin = image.origin();
            let is_here = || {
                image.path().starts_with(&kept_here)
                    && self.public_url.as_ref().is_none_or(|here| origin.as_ref() == Some(here))
            };
            if image.is_plain_http()
                && !origin.as_ref().is_some_and(|origin| site.origins.contains(origin))
                && !is_here()
            {
                let reason = errors::PLAIN_IMAGE;
                return Err(
                    ValidationError::new(format!("content.{language}.image"), reason).into()
                );
            }
        }
        Ok(())
    }

    async fn check_links(&self, site: SiteId, content: &Contents) -> Result<(), AppError> {
        let links = || content.iter().flat_map(|(language, content)| links(language, content));
        if links().all(|(_, link)| link.app_scheme().is_none()) {
            return Ok(());
        }
        let settings = self.settings(site).await?;
        for (field, link) in links() {
            if let Some(scheme) = link.app_scheme()
                && !settings.link_schemes().iter().any(|allowed| allowed == scheme)
            {
                let reason = errors::LINK_SCHEME;
                return Err(ValidationError::new(field, reason).into());
            }
        }
        Ok(())
    }
}

fn check_variables(content: &Contents) -> Result<(), ValidationError> {
    content.iter().try_for_each(|(language, content)| {
        template::check(content)
            .map_err(|invalid| invalid.with_parent(&format!("content.{language}")))
    })
}

fn links<'c>(
    language: &'c Language,
    content: &'c MessageContent,
) -> impl Iterator<Item = (String, &'c Link)> {
    let own = content.link.iter().map(move |link| (format!("content.{language}.link"), link));
    let actions = content.actions.iter().enumerate();
    own.chain(actions.filter_map(move |(index, action)| {
        Some((format!("content.{language}.actions[{index}].link"), action.link()?))
    }))
}
